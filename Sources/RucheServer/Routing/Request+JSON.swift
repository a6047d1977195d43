import Foundation
package import HTTPTypes
package import Hummingbird
package import NIOCore
package import RucheCore

extension Response {
    /// An `application/json` response with sorted keys, so that the same value is the same bytes.
    package static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Response {
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = "application/json" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: try JSONCoding.encode(value)))
    }

    /// `204 No Content`.
    package static var noContent: Response { Response(status: .noContent) }
}

extension Request {
    /// Reads the body as JSON. Throws `invalid_input` with the key path;
    /// and when the body is over `limit` bytes.
    package func decodeJSON<T: Decodable>(
        _ type: T.Type, _ context: AppRequestContext, limit: Int = 1 << 20
    ) async throws -> T {
        let buffer = try await bytes(limit: limit)
        return try JSONCoding.decode(type, from: buffer)
    }

    /// The whole body; throws `invalid_input` when it is over `limit` bytes.
    package func bytes(limit: Int) async throws -> ByteBuffer {
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw Self.tooLarge(limit) }
        do {
            return try await body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw Self.tooLarge(limit)
        }
    }

    /// The error of a body over its limit: `413` on the wire, by the detail `limit`.
    package static func tooLarge(_ limit: Int) -> RucheError {
        RucheError(
            .invalidInput, "the request body is over \(ByteCount(Int64(limit))): send a smaller one",
            details: [RequestLimit.detail: String(limit)])
    }
}

/// How an error says that a body was too large.
package enum RequestLimit {
    package static let detail = "body_limit"
}

/// JSON of this API, both ways.
package enum JSONCoding {
    package static func encode(_ value: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return ByteBuffer(bytes: try encoder.encode(value))
    }

    package static func decode<T: Decodable>(_ type: T.Type, from buffer: ByteBuffer) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
        } catch let error as DecodingError {
            let problem = problem(of: error)
            throw RucheError(
                .invalidInput, "the request body is not what this endpoint takes: \(problem)", problems: [problem])
        }
    }

    private static func problem(of error: DecodingError) -> Problem {
        switch error {
        case .keyNotFound(let key, let context):
            return Problem(path: path(context.codingPath + [key]), message: "this member is missing")
        case .typeMismatch(let type, let context):
            return Problem(path: path(context.codingPath), message: "this has the wrong type", allowed: name(of: type))
        case .valueNotFound(let type, let context):
            return Problem(path: path(context.codingPath), message: "null is not allowed", allowed: name(of: type))
        case .dataCorrupted(let context):
            let isSyntax = context.codingPath.isEmpty
            return Problem(
                path: path(context.codingPath), message: isSyntax ? "this is no JSON" : context.debugDescription)
        @unknown default:
            return Problem(path: "", message: "this is not the JSON expected here")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { path, key in
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += (path.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }

    private static func name(of type: any Any.Type) -> String {
        let name = String(describing: type)
        return switch name {
        case "String": "a string"
        case "Int", "Int64", "Int32", "UInt16", "UInt32", "UInt64": "an integer"
        case "Double": "a number"
        case "Bool": "true or false"
        case _ where name.hasPrefix("Array"): "an array"
        case _ where name.hasPrefix("Dictionary"): "an object"
        default: name
        }
    }
}
