import RucheCore
import RucheImages
import RucheService
import RucheStore
import Support
import SystemPackage
import Testing

@Suite struct FileServiceTests {
    /// Collects garbage before each transaction, and after it.
    private struct CollectingDatabase: SQLDatabase {
        let base: SQLiteDatabase
        let collect: @Sendable () async throws -> Void

        func read<Result: Sendable>(
            _ body: @Sendable @escaping (any SQLConnection) throws -> Result
        ) async throws -> Result { try await base.read(body) }

        func write<Result: Sendable>(
            _ body: @Sendable @escaping (any SQLConnection) throws -> Result
        ) async throws -> Result {
            try await collect()
            let result = try await base.write(body)
            try await collect()
            return result
        }
    }

    private func with(
        limit: Int64 = 100,
        _ body: @Sendable (FileService, FileContentStore, GarbageCollector) async throws -> Void
    ) async throws {
        try await Scratch.with { folder in
            let content = try FileContentStore(folder: folder.appending("content"))
            let collector = GarbageCollector(
                store: content,
                releases: try FileReleaseStore(folder: folder.appending("content/refs"), store: content),
                cache: try FileLayerCache(folder: folder.appending("layers"), store: content))
            let base = try SQLiteDatabase(path: folder.appending("ruche.db"))
            let known = FileService(content: content, database: base) { try content.lease() }
            let database = CollectingDatabase(base: base) {
                _ = try await collector.collect(dryRun: false) { try await known.file($0) != nil }
            }
            try await body(
                FileService(content: content, database: database, limit: limit) { try content.lease() }, content,
                collector)
        }
    }

    private static func chunks(_ text: String) -> AsyncStream<[UInt8]> {
        AsyncStream { continuation in
            for byte in text.utf8 { continuation.yield([byte]) }
            continuation.finish()
        }
    }

    @Test func aCollectionBetweenTheContentAndItsNameTakesNothing() async throws {
        try await with { files, content, _ in
            let file = try #require(try await files.upload(name: "a", expected: nil, Self.chunks("hello")))
            #expect(try await content.size(of: file.digest) == ByteCount(5))
            #expect(try await files.file(file.digest) == file)
        }
    }

    @Test func whatIsNamedStaysAndTheRestGoes() async throws {
        try await with { files, content, collector in
            let file = try #require(try await files.upload(name: "a", expected: nil, Self.chunks("hello")))
            let other = try await content.put(Array("other".utf8))
            for dryRun in [true, false] {
                let gone = try await collector.collect(dryRun: dryRun) { try await files.file($0) != nil }
                #expect(gone.blobs == [other])
            }
            #expect(try await content.all() == [file.digest])
        }
    }

    @Test func anUploadThatFailsLeavesNothing() async throws {
        try await with(limit: 3) { files, content, _ in
            let long = try await files.upload(name: "a", expected: nil, Self.chunks("hello"))
            #expect(long == nil)
            await #expect(throws: RucheError.self) {
                _ = try await files.upload(name: "a/b", expected: nil, Self.chunks("hello"))
            }
            let left = try await content.all()
            #expect(left.isEmpty)
        }
    }
}
