import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import RucheCore

/// One request to the API, before it has an address and a token.
struct APIRequest: Sendable {
    enum Body: Sendable {
        case none
        case json([UInt8])
        /// Read once: a request with it is never sent twice.
        case stream(Upload, type: String)
    }

    var method: HTTPMethod
    var path: String
    var query: [(String, String?)]
    var accept: String
    var body: Body
    /// Besides those that every request has.
    var headers: [(String, String)] = []

    init(
        _ method: HTTPMethod, _ path: String, query: [(String, String?)] = [], accept: String = "application/json",
        body: Body = .none
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.accept = accept
        self.body = body
    }

    var target: String { path + PercentEncoding.query(query) }

    /// Whether sending it a second time after the connection broke does no harm.
    var isRepeatable: Bool {
        if case .stream = body { return false }
        return method == .GET || method == .PUT || method == .DELETE || method == .HEAD
    }

    func message(for address: ServerAddress, token: String?) -> HTTPClientRequest {
        var message = HTTPClientRequest(url: address.request(target))
        message.method = method
        message.headers.add(name: "accept", value: accept)
        if let token { message.headers.add(name: "authorization", value: "Bearer \(token)") }
        for (name, value) in headers { message.headers.add(name: name, value: value) }
        switch body {
        case .none: break
        case .json(let bytes):
            message.headers.add(name: "content-type", value: "application/json")
            message.body = .bytes(ByteBuffer(bytes: bytes))
        case .stream(let upload, let type):
            message.headers.add(name: "content-type", value: type)
            message.body = .stream(upload, length: upload.length.map { .known($0) } ?? .unknown)
        }
        return message
    }
}
