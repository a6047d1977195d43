import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import RucheCore
import RucheImages
import RucheServer
import RucheService
import RucheWire
import Support
import SystemPackage
import Testing

@Suite struct UploadRoutesTests {
    private static let path = "/api/v1/uploads"

    private func with(_ body: (JobFixture, SetClock) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let clock = SetClock()
            try await body(try await JobFixture(folder, clock: clock), clock)
        }
    }

    private static func call(
        _ fixture: JobFixture, _ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields = [:],
        body: String? = nil
    ) async throws -> TestResponse {
        var headers = headers
        if headers[.tusResumable] == nil { headers[.tusResumable] = "1.0.0" }
        return try await fixture.harness.call(method, path, headers: headers, body: body)
    }

    private static func create(_ fixture: JobFixture, _ headers: HTTPFields) async throws -> String {
        let response = try await call(fixture, .post, path, headers)
        #expect(response.status == .created)
        let location = try #require(response.headers[.location])
        #expect(location.hasPrefix(path + "/"))
        return location
    }

    private static func append(
        _ fixture: JobFixture, _ location: String, at offset: Int, _ text: String, _ more: HTTPFields = [:]
    ) async throws -> TestResponse {
        var headers = more
        headers[.contentType] = "application/offset+octet-stream"
        headers[.uploadOffset] = "\(offset)"
        return try await call(fixture, .patch, location, headers, body: text)
    }

    private static func offset(_ fixture: JobFixture, _ location: String) async throws -> String? {
        let response = try await call(fixture, .head, location)
        #expect(response.headers[.cacheControl] == "no-store" && response.headers[.tusResumable] == "1.0.0")
        return response.headers[.uploadOffset]
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    @Test func anUploadOfTwoPiecesBecomesAFile() async throws {
        try await with { fixture, _ in
            let location = try await Self.create(
                fixture, [.uploadLength: "11", .uploadMetadata: "filename \(Self.base64("a b.txt"))"])
            let first = try await Self.append(fixture, location, at: 0, "hello ")
            #expect(first.status == .noContent && first.headers[.uploadOffset] == "6")
            #expect(first.headers[.uploadExpires]?.hasSuffix(" GMT") == true)
            #expect(try await Self.append(fixture, location, at: 0, "hello ").status == .conflict)
            let head = try await Self.call(fixture, .head, location)
            #expect(head.headers[.uploadLength] == "11" && head.headers[.uploadOffset] == "6")
            #expect(head.headers[.uploadMetadata] == "filename \(Self.base64("a b.txt"))")
            let last = try await Self.append(fixture, location, at: 6, "world")
            #expect(last.status == .noContent && last.headers[.uploadOffset] == "11")
            let id = try #require(last.headers[.rucheFile])
            let shown = try await fixture.harness.call(.get, "/api/v1/files/\(id)")
            let file = try JSONCoding.decode(FileDocument.self, from: shown.body)
            #expect(file.name == "a b.txt" && file.size == 11 && file.type == "text/plain" && file.origin == "upload")
            #expect(file.digest == StreamHasher.digest(of: Array("hello world".utf8)))
            let content = try await fixture.harness.call(
                .get, "/api/v1/files/\(id)/content", headers: [.range: "bytes=6-"])
            #expect(content.status == .partialContent && String(buffer: content.body) == "world")
            #expect(try FileTreeNames.of(fixture.data.appending("incoming")).isEmpty)
            let events = try await fixture.harness.call(
                .get, "/api/v1/events?subject=upload:\(location.split(separator: "/").last ?? "")")
            let kinds = try JSONCoding.decode(Page<EventDocument>.self, from: events.body).items.map(\.kind)
            #expect(kinds == ["upload.created", "upload.completed"])
        }
    }

    /// All bytes are there: nobody sends a piece any more that could complete it.
    @Test func anUploadWhoseLastStepFailedIsCompletedWhenItIsLookedAt() async throws {
        try await with { fixture, _ in
            let location = try await Self.create(fixture, [.uploadLength: "5"])
            let content = fixture.data.appending("content")
            let (ingest, away) = (content.appending("ingest").string, content.appending("away").string)
            #expect(rename(ingest, away) == 0)
            #expect(try await Self.append(fixture, location, at: 0, "hello").status.code >= 500)
            #expect(rename(away, ingest) == 0)
            let head = try await Self.call(fixture, .head, location)
            #expect(head.headers[.uploadOffset] == "5")
            let id = try #require(head.headers[.rucheFile])
            let shown = try await fixture.harness.call(.get, "/api/v1/files/\(id)/content")
            #expect(String(buffer: shown.body) == "hello")
        }
    }

    @Test func aWrongChecksumIsRefusedAndItsBytesAreDropped() async throws {
        try await with { fixture, _ in
            let location = try await Self.create(fixture, [.uploadLength: "10"])
            _ = try await Self.append(fixture, location, at: 0, "hello")
            let right =
                "sha1 \(Data([UInt8]([0x7c, 0x21, 0x14, 0x33, 0xf0, 0x24, 0x97, 0x15, 0x97, 0x74, 0x1e, 0x64, 0x10, 0xab, 0xfb, 0xe3, 0x0f, 0x83, 0xa6, 0xbb])).base64EncodedString())"
            let wrong = try await Self.append(fixture, location, at: 5, "world", [.uploadChecksum: right])
            #expect(wrong.status.code == 460)
            #expect(try await Self.offset(fixture, location) == "5")
            let unknown = try await Self.append(fixture, location, at: 5, "world", [.uploadChecksum: "crc32 AAAA"])
            #expect(unknown.status == .badRequest)
            let digest = StreamHasher.digest(of: Array("world".utf8)).hex
            let bytes = stride(from: 0, to: 64, by: 2).compactMap { index in
                UInt8(digest.dropFirst(index).prefix(2), radix: 16)
            }
            let good = try await Self.append(
                fixture, location, at: 5, "world", [.uploadChecksum: "sha256 \(Data(bytes).base64EncodedString())"])
            #expect(good.status == .noContent)
            #expect(good.headers[.rucheDigest] == StreamHasher.digest(of: Array("helloworld".utf8)).description)
        }
    }

    @Test func everyBreachOfTheProtocolHasItsStatus() async throws {
        try await with { fixture, _ in
            let location = try await Self.create(fixture, [.uploadLength: "5"])
            let bytes: HTTPFields = [.contentType: "application/offset+octet-stream", .uploadOffset: "0"]
            var old = bytes
            old[.tusResumable] = "0.2.2"
            let version = try await Self.call(fixture, .patch, location, old, body: "hello")
            #expect(version.status == .preconditionFailed && version.headers[.tusVersion] == "1.0.0")
            let type = try await Self.call(fixture, .patch, location, [.uploadOffset: "0"], body: "hello")
            #expect(type.status == .unsupportedMediaType)
            #expect(try await Self.append(fixture, location, at: 3, "lo").status == .conflict)
            #expect(try await Self.append(fixture, location, at: 0, "hello!").status == .badRequest)
            #expect(try await Self.offset(fixture, location) == "0")
            for headers: HTTPFields in [
                [:], [.uploadLength: "-1"], [.uploadLength: "x"], [.uploadDeferLength: "2"],
                [.uploadLength: "5", .uploadMetadata: "filename ???"],
                [.uploadLength: "5", .uploadMetadata: "filename YQ==,filename YQ=="],
                [.uploadLength: "5", .uploadMetadata: "filename \(Self.base64("a/b"))"],
                [.uploadLength: "5", .uploadMetadata: "filename \(Self.base64("a\u{0}b"))"],
                [.uploadLength: "5", .uploadMetadata: "filename \(Self.base64("a\nb"))"],
                [.uploadLength: "5", .uploadMetadata: "filename /w=="],
                [.uploadLength: "5", .uploadMetadata: "x \(String(repeating: "A", count: 9000))"],
                [.uploadConcat: "final;/api/v1/uploads/x"], [.uploadConcat: "half"],
            ] {
                let response = try await Self.call(fixture, .post, Self.path, headers)
                #expect(response.status == .badRequest, "\(headers)")
                #expect(response.headers[.tusResumable] == "1.0.0")
            }
            #expect(try await Self.call(fixture, .post, Self.path, [.uploadLength: "101"]).status == .contentTooLarge)
            let empty = try await Self.call(fixture, .post, Self.path, [.uploadLength: "0", .uploadMetadata: ""])
            #expect(empty.status == .created && empty.headers[.rucheFile] != nil)
        }
    }

    @Test func theExtensionsAreTold() async throws {
        try await with { fixture, _ in
            let response = try await fixture.harness.call(.options, Self.path)
            #expect(response.status == .noContent && response.headers[.tusVersion] == "1.0.0")
            #expect(response.headers[.tusMaxSize] == "100")
            #expect(response.headers[.tusExtension]?.contains("concatenation") == true)
            #expect(response.headers[.tusChecksumAlgorithm]?.contains("sha1") == true)
        }
    }

    @Test func anEndedUploadIsGoneAndSoIsAnExpiredOne() async throws {
        try await with { fixture, clock in
            let ended = try await Self.create(fixture, [.uploadLength: "5"])
            #expect(try await Self.call(fixture, .delete, ended).status == .noContent)
            #expect(try await Self.call(fixture, .head, ended).status == .gone)
            #expect(try await Self.append(fixture, ended, at: 0, "hello").status == .gone)
            let slow = try await Self.create(fixture, [.uploadLength: "5"])
            _ = try await Self.append(fixture, slow, at: 0, "he")
            clock.forward(milliseconds: 25 * 3600 * 1000)
            try await fixture.uploads.removeExpired()
            #expect(try FileTreeNames.of(fixture.data.appending("incoming")).isEmpty)
            #expect(try await Self.call(fixture, .head, slow).status == .gone)
            #expect(try await Self.call(fixture, .head, Self.path + "/01hzzzzzzzzzzzzzzzzzzzzzzz").status == .notFound)
        }
    }

    @Test func partsArePutTogetherInTheirOrder() async throws {
        try await with { fixture, _ in
            var parts: [String] = []
            for text in ["hello ", "world"] {
                let response = try await Self.call(
                    fixture, .post, Self.path,
                    [
                        .uploadConcat: "partial", .uploadLength: "\(text.count)",
                        .contentType: "application/offset+octet-stream",
                    ], body: text)
                #expect(response.status == .created && response.headers[.uploadOffset] == "\(text.count)")
                #expect(response.headers[.rucheFile] == nil)
                parts.append(try #require(response.headers[.location]))
            }
            let concat = "final;\(parts[0]) \(parts[1]) \(parts[1])"
            let final = try await Self.call(fixture, .post, Self.path, [.uploadConcat: concat])
            #expect(final.status == .created)
            let digest = StreamHasher.digest(of: Array("hello worldworld".utf8))
            #expect(final.headers[.rucheDigest] == digest.description)
            let location = try #require(final.headers[.location])
            #expect(try await Self.call(fixture, .head, location).headers[.uploadConcat] == concat)
            #expect(try await Self.append(fixture, location, at: 16, "").status == .forbidden)
            let open = try await Self.create(fixture, [.uploadConcat: "partial", .uploadLength: "3"])
            let early = try await Self.call(fixture, .post, Self.path, [.uploadConcat: "final;\(open)"])
            #expect(early.status == .badRequest)
        }
    }

    @Test func aLengthMayBeToldLater() async throws {
        try await with { fixture, _ in
            let location = try await Self.create(fixture, [.uploadDeferLength: "1"])
            _ = try await Self.append(fixture, location, at: 0, "hel")
            #expect(try await Self.call(fixture, .head, location).headers[.uploadDeferLength] == "1")
            let last = try await Self.append(fixture, location, at: 3, "lo", [.uploadLength: "5"])
            #expect(last.status == .noContent && last.headers[.rucheFile] != nil)
        }
    }

    @Test func aQuotaIsKeptBeforeAByteIsTaken() async throws {
        try await with { fixture, _ in
            let set = try await fixture.harness.call(.put, "/api/v1/owners/local/quota", body: #"{"bytes":12}"#)
            #expect(set.status == .ok)
            let location = try await Self.create(fixture, [.uploadLength: "10"])
            let second = try await Self.call(fixture, .post, Self.path, [.uploadLength: "3"])
            #expect(second.status == .contentTooLarge)
            #expect(try JSONCoding.decode(ProblemDocument.self, from: second.body).code == .quotaExceeded)
            let direct = try await fixture.harness.problem(.post, "/api/v1/files?name=b", body: "abc")
            #expect(direct.code == .quotaExceeded && direct.status == 413)
            #expect(try await Self.append(fixture, location, at: 0, "0123456789").status == .noContent)
            let usage = try await fixture.harness.call(.get, "/api/v1/owners/local/usage")
            let document = try JSONCoding.decode(UsageDocument.self, from: usage.body)
            #expect(document.fileBytes == 10 && document.uploadBytes == 0 && document.quota == 12)
        }
    }

    @Test func twoRequestsForOneOffsetDoNotMix() async throws {
        try await with { fixture, _ in
            let location = try await Self.create(fixture, [.uploadLength: "5"])
            let id = try #require(Identifier(location.split(separator: "/").last ?? ""))
            let writer = try await fixture.uploads.begin(id, at: 0, checksum: nil)
            let second = try await Self.append(fixture, location, at: 0, "HELLO")
            #expect(second.status.code == 423)
            try Array("hello".utf8).withUnsafeBytes { try writer.write($0) }
            let upload = try await fixture.uploads.finish(writer, isWhole: true)
            #expect(upload.digest == StreamHasher.digest(of: Array("hello".utf8)))
        }
    }
}
