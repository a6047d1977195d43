/// `NAME[:VERSION]` of a reference database. Both are names of folders as well.
package struct DatabaseReference: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    package let name: String
    package let version: String?

    /// Nil for what is no such name: letters, digits, `.`, `_` and `-`, beginning with a letter or digit.
    package init?(_ text: some StringProtocol) {
        let parts = String(text).split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
        guard (1...2).contains(parts.count), parts.allSatisfy(Self.isName) else { return nil }
        name = parts[0]
        version = parts.count == 2 ? parts[1] : nil
    }

    package init?(name: String, version: String) { self.init("\(name):\(version)") }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let reference = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "no name of a reference database: \(text)")
        }
        self = reference
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    package static let rule = "NAME or NAME:VERSION, each of letters, digits, \".\", \"_\" and \"-\""

    package var description: String { version.map { "\(name):\($0)" } ?? name }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    private static func isName(_ text: String) -> Bool {
        text.utf8.count <= 100 && text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._\-]*/) != nil
    }
}
