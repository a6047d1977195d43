import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheEngines

@Suite(.enabled(if: geteuid() == 0 && Tool.find(Tool.virtiofsd.name) != nil))
struct SharedFolderTests {
    private let runner = SystemCommandRunner()

    private func spec(_ folder: FilePath, sharing source: FilePath) throws -> InstanceSpec {
        var spec = InstanceSpec(
            id: try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzz")), name: "hub", folder: folder,
            image: .disk("/data/blob", .raw), cpus: 1, memory: ByteCount(64 << 20))
        spec.shares = [InstanceShare(source: source.string, target: "/mnt")]
        return spec
    }

    @Test func onlyTheMachinesUserCanConnect() async throws {
        try await Scratch.with { folder in
            var spec = try spec(folder, sharing: folder)
            let share = try #require(SharedFolder.all(spec, in: folder).first)
            try AtomicFile.write([], to: share.socket)  // of a start that was killed
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

    /// Two machines, the number of whose process in the file of the other, as after a restart of this machine.
    @Test func anothersProcessIsNotEnded() async throws {
        try await Scratch.with { folder in
            var shares: [SharedFolder] = []
            for name in ["a", "b"] {
                try FileTree.makeFolder(folder.appending(name))
                shares += SharedFolder.all(
                    try spec(folder.appending(name), sharing: folder), in: folder.appending(name))
                try await shares.last?.start(runner)
            }
            let files = ["a", "b"].map { folder.appending($0).appending("share0.pid") }
            let words = String(decoding: try AtomicFile.read(files[1]), as: UTF8.self).split(separator: " ")
            let other = try #require(Int32(words[0]).flatMap { ProcessIdentity(of: $0) })
            try await shares[0].end()
            // One that had the number before.
            try AtomicFile.write(Array("\(other.pid) \(other.startTime - 1)".utf8), to: files[0])
            try await shares[0].end()
            #expect(other.isAlive)
            try await SharedFolder.end(shares)
            #expect(!other.isAlive)
        }
    }

    @Test func aFolderThatItsOwnerCantReachIsNamed() async throws {
        try await Scratch.with { folder in
            let (hidden, source) = (folder.appending("hidden"), folder.appending("hidden/source"))
            try FileTree.makeFolder(source)
            try FileTree.setMode(hidden, 0o700)
            try #require(chown(source.string, 1234, 1234) == 0)
            let shares = SharedFolder.all(try spec(folder, sharing: source), in: folder)
            try await shares[0].start(runner)
            let other = RucheError(.engineUnavailable, "nobody answers")
            var reason = SharedFolder.reason(shares, other) as? RucheError
            for _ in 0..<6000 where reason?.code == .engineUnavailable {
                try await Task.sleep(for: .milliseconds(10))
                reason = SharedFolder.reason(shares, other) as? RucheError
            }
            #expect(
                reason?.message.hasPrefix("the folder \(source) can't be shared: ") == true,
                "\(String(describing: reason))")
            try await SharedFolder.end(shares)
        }
    }
}
