import Foundation
package import NIOCore
package import RucheCore

/// What a job's container posts: JSON whatever its content type, percent-encoded JSON, or a form of the same members.
///
/// Pipelines are old and many: `curl -d` and `--data-urlencode`, `wget --post-data` and libraries each do it their way.
package enum NotificationPayload {
    /// Throws `invalid_input` for what is none of these.
    package static func parse(_ body: ByteBuffer) throws -> JSONValue {
        do {
            return try JSONCoding.decode(JSONValue.self, from: body)
        } catch {
            let text = String(buffer: body).trimmingCharacters(in: .whitespacesAndNewlines)
            if let value = encoded(text) ?? form(text) { return value }
            throw error
        }
    }

    /// JSON that `--data-urlencode` made of it.
    private static func encoded(_ text: String) -> JSONValue? {
        guard text.hasPrefix("%7B") || text.hasPrefix("%7b"), let plain = decoded(text[...]) else { return nil }
        return try? JSONCoding.decode(JSONValue.self, from: ByteBuffer(string: plain))  // then it is none
    }

    private static func decoded(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }

    /// `progress_value=0.5&progress_label=x`, also `progress[value]=5`, `progress.value=5`; nil without any member
    /// that is known.
    private static func form(_ text: String) -> JSONValue? {
        var members: [String: JSONValue] = [:]
        var parts: [String: [String: JSONValue]] = [:]
        for pair in text.split(separator: "&").prefix(64) {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let key = decoded(sides[0]), let value = decoded(sides[1]) else { return nil }
            let names = key.split { "[].".contains($0) }.map(String.init)
            switch (names.first, names.count) {
            case ("progress_value", 1), ("progress_label", 1), ("status", 1): members[names[0]] = .string(value)
            case ("progress", 2), ("output", 2): parts[names[0], default: [:]][names[1]] = .string(value)
            default: continue
            }
        }
        for (name, part) in parts { members[name] = .object(part) }
        return members.isEmpty ? nil : .object(members)
    }
}
