import Foundation
import RucheCore

/// An OpenAPI path template: `/api/v1/jobs/{id}`, or with a last part `{path+}` that takes the rest of a path.
package struct PathTemplate: Hashable, Sendable, CustomStringConvertible {
    package enum Segment: Hashable, Sendable {
        case literal(String)
        /// What comes after a fixed beginning, which is a part of the same segment: `ark:{naan}`.
        case prefixed(String, String)
        case capture(String)
        case rest(String)

        /// Literals win over captures, captures over the rest.
        var rank: Int {
            switch self {
            case .literal: 0
            case .prefixed: 1
            case .capture: 2
            case .rest: 3
            }
        }
    }

    package let description: String
    package let segments: [Segment]

    package init(_ text: String) {
        description = text
        // A slash at the end is one of the path: "/v2/" is not "/v2".
        segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { part in
            guard let brace = part.firstIndex(of: "{"), part.hasSuffix("}") else { return .literal(String(part)) }
            guard brace == part.startIndex else {
                return .prefixed(String(part[..<brace]), String(part[brace...].dropFirst().dropLast()))
            }
            let name = part.dropFirst().dropLast()
            return name.hasSuffix("+") ? .rest(String(name.dropLast())) : .capture(String(name))
        }
    }

    /// Names of the parts in braces, in order.
    package var parameters: [String] {
        segments.compactMap {
            switch $0 {
            case .literal: nil
            case .capture(let name), .rest(let name), .prefixed(_, let name): name
            }
        }
    }

    /// The template as OpenAPI writes it, which has no form for a rest of several parts.
    package var openAPIPath: String { description.replacing("+}", with: "}") }

    /// True when this one is to be asked before `other`.
    func isMoreSpecific(than other: Self) -> Bool {
        segments.map(\.rank).lexicographicallyPrecedes(other.segments.map(\.rank))
    }

    /// The captured parts, when the decoded parts of a path match; nil when they don't.
    package func match(_ parts: [String]) -> [(name: String, value: String)]? {
        var captures: [(name: String, value: String)] = []
        for (index, segment) in segments.enumerated() {
            guard index < parts.count else { return nil }
            switch segment {
            case .literal(let text):
                guard parts[index] == text else { return nil }
            case .prefixed(let prefix, let name):
                guard parts[index].hasPrefix(prefix), parts[index] != prefix else { return nil }
                captures.append((name, String(parts[index].dropFirst(prefix.count))))
            case .capture(let name):
                // A reserved name is never an owner: such a path is of another door.
                if index == 0, name == "owner", EnvironmentName.reservedOwners.contains(parts[index]) { return nil }
                guard !parts[index].isEmpty else { return nil }
                captures.append((name, parts[index]))
            case .rest(let name):
                // A slash that was percent-encoded is part of a name, and no file name here has one.
                let rest = parts[index...]
                guard !rest.contains(where: { $0.isEmpty || $0.contains("/") }) else { return nil }
                captures.append((name, rest.joined(separator: "/")))
                return captures
            }
        }
        return parts.count == segments.count ? captures : nil
    }

    /// Splits and percent-decodes the path of a request; nil when it is not well formed.
    package static func parts(of path: String) -> [String]? {
        guard path.hasPrefix("/") else { return nil }
        var parts: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = part.contains("%") ? String(part).removingPercentEncoding : String(part),
                !decoded.utf8.contains(0)
            else { return nil }
            parts.append(decoded)
        }
        return parts
    }
}
