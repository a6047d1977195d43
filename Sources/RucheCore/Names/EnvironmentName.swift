/// `owner/name`: an environment of the catalogue.
///
/// Both parts are lower case in OCI's path-component character set (distribution specification 1.1,
/// "Pulling manifests"), so that one name is valid in every door.
package struct EnvironmentName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let owner: String
    package let name: String

    /// Owners that doors use as path roots, so that `https://host/owner/name` is never ambiguous.
    package static let reservedOwners: Set<String> = [
        "api", "assets", "authenticate", "box", "boxes", "compute", "docs", "files", "ga4gh", "health", "identity",
        "image", "library", "login", "logout", "metrics", "oai", "search", "session", "settings", "static", "streams",
        "v1", "v2", "v3",
    ]

    /// Nil when a part is empty, longer than 64 characters, or outside `[a-z0-9]+([._-]+[a-z0-9]+)*`.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ Self.isComponent($0) }) else { return nil }
        guard !Self.reservedOwners.contains(String(parts[0])) else { return nil }
        owner = String(parts[0])
        name = String(parts[1])
    }

    package var description: String { "\(owner)/\(name)" }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    /// Whether `text` is one path component of an OCI repository name
    /// (`[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`, distribution specification 1.1).
    package static func isComponent(_ text: some StringProtocol) -> Bool {
        guard (1...64).contains(text.utf8.count) else { return false }
        return String(text).wholeMatch(of: component) != nil
    }

    private nonisolated(unsafe) static let component = /[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/
}

extension EnvironmentName: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let name = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not an owner/name: \(text)")
        }
        self = name
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
