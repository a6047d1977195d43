import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheEngines

@Suite(.enabled(if: geteuid() == 0 && Tool.find(Tool.virtiofsd.name) != nil))
struct SharedFolderTests {
    @Test func onlyTheMachinesUserCanConnect() async throws {
        try await Scratch.with { folder in
            var spec = InstanceSpec(
                id: try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzz")), name: "hub", folder: folder,
                image: .disk("/data/blob", .raw), cpus: 1, memory: ByteCount(64 << 20))
            spec.shares = [InstanceShare(source: folder.string, target: "/mnt")]
            let share = try #require(SharedFolder.all(spec, in: folder).first)
            try AtomicFile.write([], to: share.socket)  // of a start that was killed
            let runner = SystemCommandRunner()
            try await share.start(runner, user: 4711)
            var status = stat()
            #expect(lstat(share.socket.string, &status) == 0 && status.st_uid == 4711)
            #expect(status.st_mode == S_IFSOCK | 0o600)
            #expect(FileTree.exists(folder.appending("share0.pid")))
            try await share.end()
            #expect(!FileTree.exists(share.socket))
            spec.shares[0].source = folder.appending("gone").string
            let gone = try #require(SharedFolder.all(spec, in: folder).first)
            let error = try await #require(throws: RucheError.self) { try await gone.start(runner) }
            #expect(error.code == .invalidInput && error.message.contains("is not there any more"))
            #expect(!FileTree.exists(gone.socket))
        }
    }
}
