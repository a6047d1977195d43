import Glibc
import RucheCore
import RucheHost
import SystemPackage
import Testing

@testable import ruche

@Suite struct RecipeArchiveTests {
    private static func names(_ archive: FilePath) throws -> [String] {
        let reader = try ArchiveReader(archive)
        var names: [String] = []
        while let entry = try reader.next() { names.append(entry.name) }
        return names
    }

    @Test func holdsWhatTheRecipeReadsAndNothingElse() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ra") { folder in
            let source = folder.appending("r")
            for name in ["job/deep", "other"] { try FileTree.makeFolder(source.appending(name)) }
            for name in ["ruche.yaml", "job/run.sh", "job/deep/x", "other/secret", "form.json"] {
                try AtomicFile.write(Array(name.utf8), to: source.appending(name))
            }
            try #require(symlink("run.sh", source.appending("job/link").string) == 0)
            var archive = RecipeArchive(folder: source)
            for path in ["ruche.yaml", "job/", "./form.json"] { try archive.add(path) }
            let target = folder.appending("t.tar")
            try archive.write(to: target, lock: Array("{}".utf8))
            #expect(
                try Self.names(target) == [
                    "form.json", "job/", "job/deep/", "job/deep/x", "job/link", "job/run.sh", "ruche.yaml",
                    ".ruche-lock.json",
                ])
            let again = folder.appending("u.tar")
            try archive.write(to: again, lock: Array("{}".utf8))
            #expect(try AtomicFile.read(target) == AtomicFile.read(again))
        }
    }

    @Test func takesTheWholeFolderForADot() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ra") { folder in
            let source = folder.appending("r")
            try FileTree.makeFolder(source.appending("a"))
            try AtomicFile.write([1], to: source.appending("a/b"))
            var archive = RecipeArchive(folder: source)
            try archive.add(".")
            let target = folder.appending("t.tar")
            try archive.write(to: target, lock: nil)
            #expect(try Self.names(target) == ["a/", "a/b"])
        }
    }

    @Test(arguments: ["../x", "/etc/passwd", "a/../../x", "missing"])
    func refusesWhatIsNotInTheFolder(_ path: String) async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ra") { folder in
            var archive = RecipeArchive(folder: folder)
            let error = #expect(throws: RucheError.self) { try archive.add(path) }
            #expect(error?.code == .invalidRecipe)
        }
    }

    @Test func refusesAPipe() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ra") { folder in
            let source = folder.appending("r")
            try FileTree.makeFolder(source)
            try #require(mkfifo(source.appending("p").string, 0o600) == 0)
            var archive = RecipeArchive(folder: source)
            try archive.add("p")
            #expect(throws: RucheError.self) { try archive.write(to: folder.appending("t.tar"), lock: nil) }
        }
    }

    @Test func findsIncludedRequirements() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ra") { folder in
            try FileTree.makeFolder(folder.appending("req"))
            try AtomicFile.write(
                Array("numpy\n-r req/more.txt\n--constraint=c.txt\n-r https://x/y\n".utf8),
                to: folder.appending("r.txt"))
            try AtomicFile.write(Array("-r ../r.txt\n".utf8), to: folder.appending("req/more.txt"))
            try AtomicFile.write([], to: folder.appending("c.txt"))
            func all() throws -> [String] {
                try RequirementFiles.all(of: PipStep(requirements: "r.txt")) { folder.pushing($0) }
            }
            #expect(try all() == ["c.txt", "r.txt", "req/more.txt"])
            try AtomicFile.write(Array("-r gone.txt".utf8), to: folder.appending("c.txt"))
            #expect(throws: RucheError.self) { try all() }
        }
    }

    @Test func unpacksAFolderAndRefusesWhatLeadsOut() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ra") { folder in
            for (name, kind, isFine) in [
                ("a/b", ArchiveEntry.Kind.regular, true), ("../b", .regular, false), ("/b", .regular, false),
                ("a/link", .symbolicLink, false), ("a", .folder, true),
            ] {
                let archive = folder.appending("x.tar")
                let writer = try ArchiveWriter(archive)
                let size: Int64 = kind == .regular ? 2 : 0
                var entry = ArchiveEntry(path: Array(name.utf8), kind: kind, permissions: 0o644, size: size)
                entry.link = kind == .symbolicLink ? Array("/etc".utf8) : []
                try writer.add(entry, content: kind == .regular ? [1, 2] : [])
                try writer.close()
                let target = try TemporaryDirectory.make(in: folder)
                if isFine {
                    #expect(try FolderUnpacker.unpack(archive, into: target) == size)
                } else {
                    #expect(throws: RucheError.self) { try FolderUnpacker.unpack(archive, into: target) }
                    #expect(try FileTree.names(in: target).isEmpty)
                }
            }
        }
    }
}
