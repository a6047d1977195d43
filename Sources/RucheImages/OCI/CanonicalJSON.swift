import Foundation
package import RucheCore

/// JSON documents that are equal bytes when they are equal values: keys sorted, nothing optional added.
package enum CanonicalJSON {
    /// The largest manifest, index or configuration that is read.
    package static let limit = 16 << 20

    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// Throws `invalid_input` that names the document.
    package static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8], _ name: String) throws -> Value {
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw RucheError(.invalidInput, "\(name) is no valid \(type): \(Self.reason(error))", cause: error)
        }
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let (context, what): (DecodingError.Context, String) =
            switch error {
            case .keyNotFound(let key, let context): (context, "\"\(key.stringValue)\" is missing")
            case .typeMismatch(_, let context), .valueNotFound(_, let context): (context, context.debugDescription)
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (.init(codingPath: [], debugDescription: ""), "\(error)")
            }
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        return path.isEmpty ? what : "\(path): \(what)"
    }
}

extension ContentStore {
    /// Reads a JSON document of the store.
    package func document<Value: Decodable>(_ type: Value.Type, _ digest: Digest) async throws -> Value {
        try CanonicalJSON.decode(type, try await data(digest, limit: CanonicalJSON.limit), "blob \(digest)")
    }
}
