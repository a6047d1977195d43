import RucheCore
import RucheHost
import RucheImages
import SystemPackage
import Testing

@Suite struct FileContentStoreTests {
    @Test func givesBackWhatWasWrittenWholeAndInRanges() async throws {
        try await Fixture.with { fixture in
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let blob = try await fixture.store.put(bytes)
            #expect(blob.size.bytes == 3_000_000)
            #expect(try await fixture.sh("sha256sum content/blobs/sha256/*").hasPrefix(blob.digest.hex))
            #expect(try await fixture.store.data(blob.digest, limit: 3_000_000) == bytes)
            var part: [UInt8] = []
            for try await chunk in try await fixture.store.stream(blob.digest, offset: 1_000, length: 1_500_000) {
                #expect(chunk.count <= 1 << 20)
                part += chunk
            }
            #expect(part == Array(bytes[1_000..<1_501_000]))
            #expect(try await fixture.store.all() == [blob.digest])
            #expect(try fixture.names("content/ingest").isEmpty)
        }
    }

    @Test func refusesAWrongDigestAndKeepsNothing() async throws {
        try await Fixture.with { fixture in
            let other = StreamHasher.digest(of: [1])
            let code = try await errorCode { _ = try await fixture.store.put([2], expected: other) }
            #expect(code == .corruptContent)
            #expect(try await fixture.store.all().isEmpty)
            #expect(try fixture.names("content/ingest").isEmpty)
        }
    }

    @Test func refusesABlobOverTheLimitAndAMissingOne() async throws {
        try await Fixture.with { fixture in
            let blob = try await fixture.store.put([1, 2, 3])
            let tooLarge = try await errorCode { _ = try await fixture.store.data(blob.digest, limit: 2) }
            #expect(tooLarge == .invalidInput)
            let missing = StreamHasher.digest(of: [9])
            #expect(try await fixture.store.size(of: missing) == nil)
            let noData = try await errorCode { _ = try await fixture.store.data(missing, limit: 2) }
            let noStream = try await errorCode { _ = try await fixture.store.stream(missing, offset: 0, length: nil) }
            #expect(noData == .notFound && noStream == .notFound)
        }
    }

    @Test func detectsADamagedDocumentAndHealsItOnTheNextWrite() async throws {
        try await Fixture.with { fixture in
            let blob = try await fixture.store.put([1, 2, 3])
            try await fixture.sh("printf xyz > content/blobs/sha256/\(blob.digest.hex)")
            let code = try await errorCode { _ = try await fixture.store.data(blob.digest, limit: 9) }
            #expect(code == .corruptContent)
            _ = try await fixture.store.put([1, 2, 3])
            #expect(try await fixture.store.data(blob.digest, limit: 9) == [1, 2, 3])
        }
    }

    @Test func showsNothingBeforeTheCommitAndNothingAfterAbandoning() async throws {
        try await Fixture.with { fixture in
            let writer = try await fixture.store.writer()
            try await writer.write([1])
            #expect(try await fixture.store.all().isEmpty)
            await writer.abandon()
            #expect(try fixture.names("content/ingest").isEmpty)
            let code = try await errorCode { _ = try await writer.commit(expected: nil) }
            #expect(code == .internalError)
        }
    }

    @Test func tellsOfAFullDiskAndLeavesNothing() async throws {
        try await Fixture.with { fixture in
            try await fixture.sh("mkdir small; mount -t tmpfs -o size=1m tmpfs small")
            do {
                let store = try FileContentStore(folder: fixture.folder.appending("small").appending("content"))
                let code = try await errorCode {
                    _ = try await store.put([UInt8](repeating: 7, count: 4 << 20))
                }
                #expect(code == .diskFull)
                #expect(try fixture.names("small/content/ingest").isEmpty)
                #expect(try await store.put([1]).size.bytes == 1)
            }
            try OverlayMount.unmount(fixture.folder.appending("small"))
        }
    }

    @Test func removesWhatAKilledWriterLeftAndNotWhatALiveOneWrites() async throws {
        try await Fixture.with { fixture in
            let live = try await fixture.store.writer()
            try await live.write([1, 2])
            let other = try await OtherProcess("write", fixture.folder)
            #expect(try fixture.names("content/ingest").count == 2)
            _ = try FileContentStore(folder: fixture.store.folder)
            #expect(try fixture.names("content/ingest").count == 2)
            other.kill()
            _ = try FileContentStore(folder: fixture.store.folder)
            #expect(try fixture.names("content/ingest").count == 1)
            #expect(try await live.commit(expected: nil).size.bytes == 2)
        }
    }
}
