import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheEngines

@Suite struct StartGateTests {
    /// `body` gets a gate that is held, and where its container's status is told.
    private func holding(
        _ body: (_ gate: FilePath, _ status: FilePath, _ holding: Task<Void, any Error>) async throws -> Void
    ) async throws {
        try await Scratch.with { folder in
            let (gate, status) = (folder.appending("container/exec.fifo"), folder.appending("status"))
            try FileTree.makeFolder(gate.removingLastComponent())
            #expect(mkfifo(gate.string, 0o600) == 0)
            try await body(gate, status, Task { try await StartGate.hold(gate, status: status) })
        }
    }

    /// A first process that is killed before it has passed would be waited for without end.
    @Test(.timeLimit(.minutes(1))) func isNotHeldForOneThatEndedBehindIt() async throws {
        try await holding { _, status, holding in
            try AtomicFile.write("137".utf8, to: status, durable: false)
            let error = await #expect(throws: RucheError.self) { try await holding.value }
            #expect(error?.code == .engineUnavailable)
        }
    }

    @Test(.timeLimit(.minutes(1))) func isPassedByOneThatEndedAtOnce() async throws {
        try await holding { gate, status, holding in
            try await BlockingWork.run {
                let file = try FileDescriptor.open(gate, .writeOnly)
                try file.writeAll([0])
                try file.close()
            }
            try AtomicFile.write("0".utf8, to: status, durable: false)
            try await holding.value
            #expect(!FileTree.exists(gate))
        }
    }
}
