import Foundation
import RucheClient
import RucheCore
import RucheHost
import RucheWire
import Synchronization
import SystemPackage
import Testing

import struct Crypto.SHA256

@Suite struct APIClientTests {
    private static let id = "01hxyzabcdefghjkmnpqrstvwx"

    private static func operation(_ state: String) -> String {
        #"{"createdAt":1,"id":"\#(id)","kind":"build","state":"\#(state)","title":"t"}"#
    }

    @Test func readsADocumentOverAUnixSocket() async throws {
        try await ClientFixture.with { _, _ in
            .json(#"{"pid":7,"version":"1.2.3"}"#)
        } _: { client, server, _ in
            let document = try await client.server()
            #expect(document == ServerDocument(version: "1.2.3", pid: 7))
            #expect(server.requests.map(\.target) == ["/api/v1/server"])
            #expect(server.requests.first?.headers["authorization"] == nil)
        }
    }

    @Test func readsTheOutputsOfAJob() async throws {
        let id = try #require(Identifier(Self.id))
        try await ClientFixture.with { _, _ in
            .json(#"{"items":[{"path":"a/b.vcf","size":3}]}"#)
        } _: { client, _, _ in
            let outputs = try await client.jobOutputs(id)
            #expect(outputs.map(\.path) == ["a/b.vcf"])
        }
    }

    @Test func throwsTheServersProblemWithItsCodeAndPlaces() async throws {
        let problem = """
            {"type":"urn:ruche:error:invalid_form","title":"x","status":422,"detail":"2 values are wrong",\
            "code":"invalid_form","request_id":"r1","details":{"a":"b"},\
            "errors":[{"path":"ploidy","message":"must be at least 1"}]}
            """
        try await ClientFixture.with { _, _ in
            .json(problem, status: 422)
        } _: { client, _, _ in
            let error = try await #require(throws: RucheError.self) { try await client.server() }
            #expect(error.code == .invalidForm)
            #expect(error.message == "2 values are wrong")
            #expect(error.problems == [Problem(path: "ploidy", message: "must be at least 1")])
            #expect(error.details == ["a": "b", "request_id": "r1"])
        }
    }

    @Test(arguments: [
        (401, ErrorCode.unauthorized), (403, .forbidden), (404, .notFound), (409, .conflict), (413, .invalidInput),
        (500, .internalError), (503, .serverUnavailable), (507, .diskFull),
    ])
    func readsTheStatusOfAnAnswerThatIsNoProblem(_ status: Int, _ code: ErrorCode) async throws {
        try await ClientFixture.with { _, _ in
            .init(status: status, pieces: ["<html>"])
        } _: { client, _, _ in
            let error = try await #require(throws: RucheError.self) { try await client.server() }
            #expect(error.code == code)
        }
    }

    @Test func saysThatAnAnswerIsNotTheExpectedDocument() async throws {
        try await ClientFixture.with { _, _ in
            .json("{}")
        } _: { client, _, _ in
            let error = try await #require(throws: RucheError.self) { try await client.server() }
            #expect(error.code == .internalError)
            #expect(error.message.contains("/api/v1/server"))
        }
    }

    @Test func saysThatNobodyAnswers() async throws {
        let client = APIClient(address: .unix("/tmp/ruche-no-such-socket"))
        let error = try await #require(throws: RucheError.self) { try await client.server() }
        await client.close()
        #expect(error.code == .serverUnavailable)
        #expect(error.details["reason"] == "refused")
    }

    @Test func saysThatNobodyAnswersOverTheNetwork() async throws {
        // Port 1 of the loopback: nobody listens there.
        let client = APIClient(address: .url("http://127.0.0.1:1"), token: "t")
        let error = try await #require(throws: RucheError.self) { try await client.server() }
        await client.close()
        #expect(error.code == .serverUnavailable)
    }

    @Test func asksOnceMoreAfterRecovery() async throws {
        try await ClientFixture.with { _, _ in
            .json(#"{"pid":7,"version":"1"}"#)
        } _: { _, server, folder in
            let socket = folder.appending("late")
            let late = StubServer { _, _ in .json(#"{"pid":8,"version":"1"}"#) }
            let client = APIClient(address: .unix(socket)) { try await late.start(socket) }
            let document = try await client.server()
            await client.close()
            try await late.stop()
            #expect(document.pid == 8)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func readsEveryPageOfAListAndStopsAtARepeatedCursor() async throws {
        try await ClientFixture.with { request, number in
            .json(#"{"items":[\#(Self.operation("running"))],"next":\#(number < 2 ? #""a b""# : #""a b""#)}"#)
        } _: { client, server, _ in
            let operations = try await client.operations()
            #expect(operations.count == 2)
            #expect(
                server.requests.map(\.target) == [
                    "/api/v1/operations?limit=200", "/api/v1/operations?cursor=a%20b&limit=200",
                ])
        }
    }

    /// The server dies after the first piece, comes back knowing it, and takes the rest.
    @Test func sendsAFileInPiecesWithChecksumsThroughABreak() async throws {
        let content = (0..<(9 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let digest = Digest(bytes: SHA256.hash(data: content))
        let (id, first) = (Self.id, 8 << 20)
        try await ClientFixture.with { request, number in
            let offset = number == 1 ? 0 : number < 6 ? first : content.count
            switch (request.method, request.target) {
            case ("PATCH", _): return number == 3 ? .init(breaksOff: true) : .init(status: 204)
            case (_, "/api/v1/files/\(id)"):
                return .json(
                    #"{"id":"\#(id)","owner":"local","digest":"\#(digest)","name":"x","size":1,"#
                        + #""type":"text/plain","origin":"upload","createdAt":1}"#)
            default:
                return .json(
                    #"{"id":"\#(id)","owner":"local","name":"x","type":"text/plain","length":\#(content.count),"#
                        + #""offset":\#(offset),"state":"receiving","createdAt":1,"expiresAt":2"#
                        + (offset == content.count ? #","file":"\#(id)"}"# : "}"))
            }
        } _: { client, server, folder in
            let file = folder.appending("f")
            try AtomicFile.write(content, to: file)
            let told = Mutex<[Int64]>([])
            let sent = try await client.sendUpload(try #require(Identifier(id)), file) { count in
                told.withLock { $0.append(count) }
            }
            #expect(sent.digest == digest)
            #expect(told.withLock { $0.first } == 0 && told.withLock { $0.last } == Int64(content.count))
            let pieces = server.requests.filter { $0.method == "PATCH" && !$0.body.isEmpty }
            #expect(pieces.last?.body == Array(content[first...]))
            for piece in pieces {
                let sum = Data(SHA256.hash(data: piece.body)).base64EncodedString()
                let isWhole = [first, content.count - first].contains(piece.body.count)
                #expect(!isWhole || piece.headers["upload-checksum"] == "sha256 \(sum)")
            }
        }
    }

    @Test func downloadsAFileWithItsDigest() async throws {
        let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        try await ClientFixture.with { _, _ in
            .init(pieces: ["hel", "lo"])
        } _: { client, server, folder in
            let file = JobFile(path: "a/b c.vcf", size: 5, digest: Digest(hex: hello))
            let id = try #require(Identifier(Self.id))
            let target = folder.appending("out")
            let result = try await client.downloadOutput(file, of: id, to: target)
            #expect(result.size == 5)
            #expect(try AtomicFile.read(target) == Array("hello".utf8))
            #expect(server.requests.first?.target == "/api/v1/jobs/\(Self.id)/outputs/a/b%20c.vcf")
        }
    }

    @Test func leavesNothingOfADownloadWithAWrongDigest() async throws {
        try await ClientFixture.with { _, _ in
            .init(pieces: ["hel"])
        } _: { client, _, folder in
            let digest = Digest(hex: String(repeating: "0", count: 64))
            let id = try #require(Identifier(Self.id))
            let out = folder.appending("o")
            try FileTree.makeFolder(out)
            let error = try await #require(throws: RucheError.self) {
                try await client.downloadOutput(
                    JobFile(path: "x", size: 5, digest: digest), of: id, to: out.appending("x"))
            }
            #expect(error.code == .corruptContent)
            #expect(try FileTree.names(in: out).isEmpty)
        }
    }

    @Test func neverWritesOverAFile() async throws {
        try await ClientFixture.with { _, _ in
            .init(pieces: ["new"])
        } _: { client, server, folder in
            let target = folder.appending("x")
            try AtomicFile.write(Array("old".utf8), to: target)
            let id = try #require(Identifier(Self.id))
            let error = try await #require(throws: RucheError.self) {
                try await client.downloadOutput(JobFile(path: "x", size: 3), of: id, to: target)
            }
            #expect(error.code == .conflict)
            #expect(try AtomicFile.read(target) == Array("old".utf8))
            #expect(server.requests.isEmpty)
        }
    }

    @Test func readsLinesAsTheyCome() async throws {
        try await ClientFixture.with { _, _ in
            .init(pieces: [
                #"{"step":1,"stream":"stdout","te"#, "xt\":\"a\"}\n\n{\"step\":1,\"stream\":\"stderr\",\"text\":\"b\"}",
            ])
        } _: { client, server, _ in
            var lines: [StepLogLine] = []
            let id = try #require(Identifier(Self.id))
            try await client.operationLog(id, step: 1) { lines.append($0) }
            #expect(
                lines == [
                    StepLogLine(step: 1, stream: "stdout", text: "a"),
                    StepLogLine(step: 1, stream: "stderr", text: "b"),
                ])
            #expect(server.requests.first?.target == "/api/v1/operations/\(Self.id)/log?step=1")
        }
    }
}
