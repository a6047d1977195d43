import Foundation
import RucheCore
import RucheWire

/// The documents in what a command printed with `--json`, one a line or the whole text.
enum JSONText {
    static func whole<Document: Decodable>(_ type: Document.Type, _ text: String) throws -> Document {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    static func lastLine<Document: Decodable>(_ type: Document.Type, _ text: String) throws -> Document {
        try whole(type, String(text.split(separator: "\n").last ?? ""))
    }
}
