/// The version of a release: parses as a RubyGems version (what Vagrant orders by) and is a legal OCI tag
/// (`[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`), so there is no `+`.
///
/// Ordered as `Gem::Version` orders: segments compare as numbers or as text, a segment with letters makes
/// a pre-release, and trailing zeros do not count (`1.0 == 1.0.0` in order, though they are different names).
package struct ReleaseVersion: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Nil when the text is no version, such as `latest`, `1..2`, `1.0+2` or one over 128 characters.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 128, String(text).wholeMatch(of: Self.pattern) != nil else { return nil }
        description = String(text)
    }

    package var isPrerelease: Bool { description.contains { $0.isLetter } }

    private nonisolated(unsafe) static let pattern = /[0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?/

    private enum Segment: Equatable {
        case number(String)
        case text(String)
    }

    /// Segments as RubyGems makes them: `-` reads as `.pre.`, and letters split from digits.
    private var segments: [Segment] {
        let text = description.replacing("-", with: ".pre.")
        var result: [Segment] = text.matches(of: /[0-9]+|[a-zA-Z]+/).map { match in
            let part = String(match.output)
            guard part.first?.isNumber == true else { return .text(part) }
            return .number(String(part.drop { $0 == "0" }))
        }
        while let last = result.last, last == .number("") { result.removeLast() }
        return result
    }
}

extension ReleaseVersion: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        let (a, b) = (left.segments, right.segments)
        for index in 0..<max(a.count, b.count) {
            let x = index < a.count ? a[index] : .number("")
            let y = index < b.count ? b[index] : .number("")
            if x == y { continue }
            switch (x, y) {
            case (.number(let i), .number(let j)): return i.count == j.count ? i < j : i.count < j.count
            case (.text(let i), .text(let j)): return i < j
            case (.text, .number): return true
            case (.number, .text): return false
            }
        }
        // Equal in order (1.0 and 1.0.0): a total order still needs a rule, and the shorter name comes first.
        return left.description != right.description
            && (left.description.count, left.description) < (right.description.count, right.description)
    }
}

extension ReleaseVersion: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let version = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a version: \(text)")
        }
        self = version
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
