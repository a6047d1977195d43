import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import RucheCore

/// An engine's answer, whatever its status.
package struct EngineResponse: Sendable {
    package let status: Int
    private let head: HTTPHeaders
    /// The whole body, where it was asked for.
    package let body: [UInt8]

    init(_ response: HTTPClientResponse, body: [UInt8]) {
        status = Int(response.status.code)
        head = response.headers
        self.body = body
    }

    package var isSuccess: Bool { (200..<300).contains(status) || status == 304 }
    package func header(_ name: String) -> String? { head.first(name: name) }

    /// The body as JSON; what the engine says that can't be read is `engine_unavailable`.
    package func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
        do { return try JSONDecoder().decode(type, from: Data(body)) } catch {
            throw RucheError(.engineUnavailable, "the engine's answer can't be read: \(error)", cause: error)
        }
    }
}
