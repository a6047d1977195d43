import Glibc
import RucheHost
import Support
import SystemPackage
import Testing

struct FilesTests {
    private func text(_ path: FilePath) throws -> String {
        try String(decoding: AtomicFile.read(path), as: UTF8.self)
    }

    @Test(arguments: [true, false]) func replacesAFileWhole(durable: Bool) async throws {
        try await Scratch.with { folder in
            let path = folder.appending("f")
            for word in ["one", "two"] {
                try AtomicFile.write(Array(word.utf8), to: path, durable: durable)
                #expect(try text(path) == word)
            }
            #expect(try FileTree.names(in: folder) == ["f"])
        }
    }

    @Test func leavesNothingOfAWriteThatFails() async throws {
        try await Scratch.with { folder in
            let target = folder.appending("d")
            try FileTree.makeFolder(target.appending("full"))
            #expect(throws: Errno.self) { try AtomicFile.write([1], to: target) }
            #expect(try FileTree.names(in: folder) == ["d"])
            #expect(throws: Errno.noSuchFileOrDirectory) {
                try AtomicFile.write([1], to: folder.appending("missing/f"))
            }
        }
    }

    @Test func refusesToReadWhatIsTooLarge() async throws {
        try await Scratch.with { folder in
            try AtomicFile.write([UInt8](repeating: 0, count: 101), to: folder.appending("f"))
            #expect(throws: Errno.fileTooLarge) { try AtomicFile.read(folder.appending("f"), limit: 100) }
            #expect(try AtomicFile.read(folder.appending("f"), limit: 101).count == 101)
        }
    }

    @Test func locksOutAnotherProcess() async throws {
        try await Scratch.with { folder in
            let path = folder.appending("lock")
            let lines = Collected<OutputLine>()
            let other = Task {
                try await SystemCommandRunner().run(
                    Command("/usr/bin/flock", [path.string, "-c", "echo locked; exec sleep 600"])
                ) { lines.add($0) }
            }
            #expect(try await eventually { !lines.all.isEmpty })
            #expect(try FileLock.tryAcquire(path) == nil)
            let waiting = Task { try await FileLock.acquire(path) }
            other.cancel()
            _ = await other.result
            let lock = try await waiting.value
            let result = try await SystemCommandRunner().run(
                Command("/usr/bin/flock", ["--nonblock", path.string, "true"]), onLine: nil)
            #expect(result.status == .exited(1))
            withExtendedLifetime(lock) {}
        }
    }

    @Test func removesLinksAndNotWhatTheyPointTo() async throws {
        try await Scratch.with { folder in
            let kept = folder.appending("kept")
            try FileTree.makeFolder(kept)
            try AtomicFile.write([1], to: kept.appending("f"))
            let doomed = folder.appending("doomed")
            try FileTree.makeFolder(doomed.appending("a/b"))
            #expect(symlink("../../kept", doomed.appending("a/link").string) == 0)
            #expect(symlink(kept.string, doomed.appending("a/b/absolute").string) == 0)
            #expect(symlink("loop", doomed.appending("loop").string) == 0)
            #expect(mkfifo(doomed.appending("pipe").string, 0o600) == 0)
            try FileTree.remove(doomed)
            try FileTree.remove(doomed)
            #expect(try FileTree.names(in: folder) == ["kept"])
            #expect(FileTree.exists(kept.appending("f")))
            #expect(symlink("kept", folder.appending("top").string) == 0)
            try FileTree.remove(folder.appending("top"))
            #expect(FileTree.exists(kept.appending("f")))
        }
    }

    @Test(.enabled(if: BusyboxRoot.isUsable)) func removesNothingBehindAMount() async throws {
        try await Scratch.with { folder in
            let doomed = folder.appending("doomed")
            try FileTree.makeFolder(doomed.appending("m"))
            #expect(mount("tmpfs", doomed.appending("m").string, "tmpfs", 0, nil) == 0)
            try AtomicFile.write([1], to: doomed.appending("m/f"))
            #expect(throws: Errno.resourceBusy) { try FileTree.remove(doomed) }
            #expect(FileTree.exists(doomed.appending("m/f")))
        }
    }

    @Test func removesDeepTrees() async throws {
        try await Scratch.with { folder in
            var path = folder.appending("deep")
            for _ in 0..<400 { path.append("d") }
            try FileTree.makeFolder(path)
            try FileTree.remove(folder.appending("deep"))
            #expect(try FileTree.names(in: folder) == [])
        }
    }

    @Test func makesAPrivateFolderInMemory() throws {
        let name = "test-\(getpid())"
        guard let path = try MemoryFolder.make(name) else { return }
        try AtomicFile.write([1], to: path.appending("f"))
        #expect(try MemoryFolder.make(name) == path)
        #expect(try FileTree.names(in: path) == [])
        try MemoryFolder.remove(name)
        #expect(!FileTree.exists(path))
    }

    @Test func tellsAProcessFromALaterOne() async throws {
        let own = try #require(ProcessIdentity(of: getpid()))
        #expect(own.isAlive)
        #expect(ProcessIdentity(of: 0) == nil)
        #expect(ProcessIdentity(of: -1) == nil)
        #expect(ProcessIdentity.arguments(of: getpid()).isEmpty == false)
    }
}
