import Foundation
package import RucheCore

/// JSON as this API writes it: sorted keys, so that the same value is always the same bytes.
package enum JSON {
    package static func encode(_ value: some Encodable, pretty: Bool = false) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return Array(try encoder.encode(value))
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// Decodes what a server sent; throws `internal_error` that says which document was not understood.
    static func decodeAnswer<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8], path: String) throws -> Value {
        do {
            return try decode(type, from: bytes)
        } catch {
            throw RucheError(
                .internalError, "the server's answer to \(path) is not the expected document", cause: error)
        }
    }

    /// A value as another type, through its JSON.
    package static func convert<Value: Decodable>(_ value: JSONValue, to type: Value.Type) throws -> Value {
        try decode(type, from: encode(value))
    }
}
