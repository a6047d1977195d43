import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheEngines

@Suite struct StartGateTests {
    /// A first process that is killed before it has passed would be waited for without end.
    @Test(.timeLimit(.minutes(1))) func isNotHeldForOneThatEndedBehindIt() async throws {
        try await Scratch.with { folder in
            let (gate, status) = (folder.appending("container/exec.fifo"), folder.appending("status"))
            try FileTree.makeFolder(gate.removingLastComponent())
            #expect(mkfifo(gate.string, 0o600) == 0)
            let holding = Task { try await StartGate.hold(gate, status: status) }
            try AtomicFile.write("137".utf8, to: status, durable: false)
            let error = await #expect(throws: RucheError.self) { try await holding.value }
            #expect(error?.code == .engineUnavailable)
        }
    }

    @Test(.timeLimit(.minutes(1))) func isPassedByOneThatEndedAtOnce() async throws {
        try await Scratch.with { folder in
            let (gate, status) = (folder.appending("container/exec.fifo"), folder.appending("status"))
            try FileTree.makeFolder(gate.removingLastComponent())
            #expect(mkfifo(gate.string, 0o600) == 0)
            let holding = Task { try await StartGate.hold(gate, status: status) }
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
