import Foundation
import RucheCore

/// What a client says of an upload: `key base64value` pairs, separated by commas.
package struct UploadMetadata: Hashable, Sendable {
    package static let limit = 8 << 10
    /// The pairs as they came; told again when somebody asks.
    package private(set) var text: String
    private var values: [String: String] = [:]

    /// Throws `invalid_input` with everything that is wrong; an empty text is fine.
    package init(_ text: String) throws {
        self.text = text
        guard text.utf8.count <= Self.limit else {
            throw RucheError(.invalidInput, "the metadata is over \(Self.limit) bytes: send less of it")
        }
        var problems: [Problem] = []
        var seen: Set<String> = []
        let pairs = text.split(separator: ",").filter { !$0.allSatisfy { $0 == " " } }
        for pair in pairs {
            let parts = pair.split(separator: " ")
            let key = String(parts[0])
            func refuse(_ message: String) {
                problems.append(Problem(path: "Upload-Metadata.\(key.prefix(40))", message: message))
            }
            guard parts.count <= 2 else {
                refuse("this is no key and one value")
                continue
            }
            guard seen.insert(key).inserted else {
                refuse("this key is there twice")
                continue
            }
            guard parts.count == 2 else { continue }
            guard let data = Data(base64Encoded: String(parts[1])) else {
                refuse("this value is no base64")
                continue
            }
            // Other values may be any bytes.
            if let value = String(data: data, encoding: .utf8) {
                values[key] = value
            } else if Self.isUsed(key) {
                refuse("this value is no UTF-8")
            }
        }
        guard problems.isEmpty else {
            throw RucheError(.invalidInput, "the metadata of the upload is not valid", problems: problems)
        }
    }

    private static let nameKeys = ["filename", "name"]
    private static let typeKeys = ["filetype", "type"]
    private static func isUsed(_ key: String) -> Bool { (nameKeys + typeKeys + ["owner"]).contains(key) }

    /// The name of the file; nil when none was given.
    package var name: String? { Self.nameKeys.lazy.compactMap { values[$0] }.first }
    package var type: String? { Self.typeKeys.lazy.compactMap { values[$0] }.first }
    package var owner: String? { values["owner"] }
}
