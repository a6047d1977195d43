import Glibc
import RucheCore
import RucheHost
import SystemPackage
import Testing

@Suite struct ArchiveTests {
    private static let long = [UInt8](repeating: 110, count: 180)
    private static let entries: [ArchiveEntry] = [
        ArchiveEntry(path: Array("d".utf8), kind: .folder, permissions: 0o1777, modified: 12),
        ArchiveEntry(path: Array("d/".utf8) + long, kind: .regular, permissions: 0o4755, size: 3, modified: 1 << 34),
        ArchiveEntry(path: [99, 0xe9], kind: .regular, permissions: 0o600, size: 0),
        {
            var entry = ArchiveEntry(path: Array("link".utf8), kind: .symbolicLink, permissions: 0o777)
            entry.link = Array("/".utf8) + long
            (entry.uid, entry.gid) = (3_000_000, 4_000_000_000)
            return entry
        }(),
        {
            var entry = ArchiveEntry(path: long + [47] + long, kind: .regular, permissions: 0o644, size: 1)
            entry.attributes = [
                .init(name: Array("user.a".utf8), value: [0, 10, 61, 255]),
                .init(name: Array("user.b".utf8), value: [UInt8](repeating: 7, count: 1000)),
            ]
            return entry
        }(),
        {
            var entry = ArchiveEntry(path: Array("null".utf8), kind: .characterDevice, permissions: 0o666)
            (entry.deviceMajor, entry.deviceMinor) = (1, 70_000)
            return entry
        }(),
    ]

    @Test(arguments: Compression.allCases) func readsWhatItWrites(_ compression: Compression) async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ruche-archive") { folder in
            for name in ["one", "two"] {
                let writer = try ArchiveWriter(folder.appending(name), compression: compression)
                for entry in Self.entries {
                    try writer.add(entry)
                    try writer.write([UInt8](repeating: 65, count: Int(entry.size)))
                }
                try writer.close()
            }
            let bytes = try AtomicFile.read(folder.appending("one"))
            #expect(try bytes == AtomicFile.read(folder.appending("two")))
            let reader = try ArchiveReader(folder.appending("one"))
            var read: [ArchiveEntry] = []
            while var entry = try reader.next() {
                if entry.kind == .folder, entry.path.last == 47 { entry.path.removeLast() }
                read.append(entry)
                if entry.kind == .regular {
                    #expect(try reader.content(limit: 10) == [UInt8](repeating: 65, count: Int(entry.size)))
                }
            }
            #expect(read == Self.entries)
        }
    }

    /// Letters with a slash at every fiftieth place.
    private static func path(length: Int) -> [UInt8] {
        var path: [UInt8] = []
        for index in 0..<length {
            let isSlash = index % 50 == 49 && index < length - 1
            path.append(isSlash ? 47 : UInt8(97 + index % 26))
        }
        return path
    }

    @Test func splitsAndExtendsPathsOfEveryLength() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ruche-archive") { folder in
            let paths: [[UInt8]] = (1...600).map(Self.path)
            let writer = try ArchiveWriter(folder.appending("a"))
            for path in paths {
                var entry = ArchiveEntry(path: path, kind: .hardLink, permissions: 0o644)
                entry.link = path.reversed()
                if entry.link.first == 47 { entry.link[0] = 97 }
                try writer.add(entry)
            }
            try writer.close()
            let reader = try ArchiveReader(folder.appending("a"))
            var read: [[UInt8]] = []
            while let entry = try reader.next() { read.append(entry.path) }
            #expect(read == paths)
            let listed = try await SystemCommandRunner().runChecked(
                Command("tar", ["-tf", folder.appending("a").string])
            ).output
            #expect(listed.split(separator: "\n").map { Array($0.utf8) } == paths)
        }
    }

    @Test func refusesAnEntryOfAnotherSizeThanItSaid() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ruche-archive") { folder in
            let writer = try ArchiveWriter(folder.appending("a"))
            try writer.add(ArchiveEntry(path: [97], kind: .regular, permissions: 0o644, size: 3))
            try writer.write([1, 2])
            #expect(throws: RucheError.self) { try writer.close() }
        }
    }

    @Test func readsAnEmptyFileAsAnEmptyArchiveAndNoiseAsAnError() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ruche-archive") { folder in
            try AtomicFile.write([], to: folder.appending("empty"))
            try AtomicFile.write([UInt8](repeating: 65, count: 4096), to: folder.appending("noise"))
            #expect(try ArchiveReader(folder.appending("empty")).next() == nil)
            #expect(throws: RucheError.self) { _ = try ArchiveReader(folder.appending("noise")).next() }
            #expect(throws: RucheError.self) { _ = try ArchiveReader(folder.appending("absent")) }
        }
    }

    @Test func doesNotReplaceWhenItMustNot() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ruche-archive") { folder in
            try AtomicFile.write([1], to: folder.appending("a"))
            try AtomicFile.write([2], to: folder.appending("b"))
            #expect(throws: Errno.fileExists) {
                try DurableTree.moveWithoutReplacing(folder.appending("a"), to: folder.appending("b"))
            }
            #expect(try AtomicFile.read(folder.appending("b")) == [2])
        }
    }
}
