import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import RucheCore
package import SystemPackage

/// One request to an engine's REST API.
package struct EngineRequest: Sendable {
    package enum Body: Sendable {
        case none
        case bytes([UInt8], type: String)
        /// A file's content, read piece by piece.
        case file(FilePath, type: String)
        /// A form of files (RFC 7578), each read piece by piece.
        case form([(name: String, file: FilePath)])
    }

    package var method: String
    package var path: String
    package var query: [(name: String, value: String)]
    package var headers: [(name: String, value: String)] = []
    package var body: Body
    /// For the whole answer, where it is read whole. Nil waits as long as it takes.
    package var timeout: Duration?

    /// `path` is taken as it is: encode what comes from elsewhere.
    package init(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [], body: Body = .none,
        timeout: Duration? = .seconds(60)
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.timeout = timeout
    }

    package static func json(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [], _ value: some Encodable
    ) throws -> EngineRequest {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = try Array(encoder.encode(value))
        return EngineRequest(method, path, query: query, body: .bytes(bytes, type: "application/json"))
    }

    /// Whether a second try after a connection broke does no harm.
    var isRepeatable: Bool {
        switch body {
        case .file, .form: return false
        case .none, .bytes: return ["GET", "HEAD", "DELETE"].contains(method)
        }
    }

    func message(_ address: EngineAddress) throws -> HTTPClientRequest {
        let pairs = query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        let target = path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
        var message = HTTPClientRequest(url: address.url(target))
        message.method = HTTPMethod(rawValue: method)
        // Go's servers ask for a host; a socket's path is none.
        if case .unix = address { message.headers.add(name: "host", value: "localhost") }
        for (name, value) in headers { message.headers.add(name: name, value: value) }
        switch body {
        case .none: break
        case .bytes(let bytes, let type):
            message.headers.add(name: "content-type", value: type)
            message.body = .bytes(ByteBuffer(bytes: bytes))
        case .file(let path, let type):
            message.headers.add(name: "content-type", value: type)
            let pieces = try FilePieces([.file(path)])
            message.body = .stream(pieces, length: .known(pieces.length))
        case .form(let files):
            let boundary = "ruche-\(UInt64.random(in: .min ... .max))"
            message.headers.add(name: "content-type", value: "multipart/form-data; boundary=\(boundary)")
            let pieces = try FilePieces(Self.form(files, boundary))
            message.body = .stream(pieces, length: .known(pieces.length))
        }
        return message
    }

    private static func form(_ files: [(name: String, file: FilePath)], _ boundary: String) -> [FilePieces.Part] {
        var parts: [FilePieces.Part] = []
        for (name, file) in files {
            let head = """
                --\(boundary)\r
                Content-Disposition: form-data; name="\(name)"; filename="\(name)"\r
                Content-Type: application/octet-stream\r
                \r

                """
            parts += [.bytes(Array(head.utf8)), .file(file), .bytes(Array("\r\n".utf8))]
        }
        return parts + [.bytes(Array("--\(boundary)--\r\n".utf8))]
    }
}
