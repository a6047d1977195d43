/// What an instance's disk was at some time.
package struct InstanceSnapshot: Hashable, Sendable, Codable {
    package static let rule = "1 to 63 letters, digits, \".\", \"_\" and \"-\", the first a letter or digit"

    package var name: String
    /// Milliseconds since 1970.
    package var createdAt: Int64

    package init(name: String, createdAt: Int64) {
        self.name = name
        self.createdAt = createdAt
    }

    package static func isValid(_ name: String) -> Bool {
        guard (1...63).contains(name.utf8.count), let first = name.utf8.first, isPlain(first) else { return false }
        return name.utf8.allSatisfy { isPlain($0) || [45, 46, 95].contains($0) }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}
