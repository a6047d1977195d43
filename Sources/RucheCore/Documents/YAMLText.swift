/// YAML as it is written: in the order given, with quotation marks only where a reader could take a text for something
/// else.
package indirect enum YAMLText: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case bool(Bool)
    case list([YAMLText])
    case map([Entry])
    /// A comment line before what is in it.
    case commented(String, YAMLText)
    /// Any value, in the way of JSON.
    case json(JSONValue)

    package struct Entry: Hashable, Sendable {
        package var key: String
        package var value: YAMLText

        package init(_ key: String, _ value: YAMLText) {
            self.key = key
            self.value = value
        }
    }

    /// The document, with a line feed at its end.
    package func rendered() -> String {
        var lines: [String] = []
        write("", &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    /// Nil for what takes lines of its own.
    private var inline: String? {
        switch self {
        case .text(let text): Self.isBlock(text) ? nil : Self.scalar(text)
        case .integer(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .json(let value): Self.json(value)
        case .list(let items): items.isEmpty ? "[]" : nil
        case .map(let entries): entries.isEmpty ? "{}" : nil
        case .commented: nil
        }
    }

    private func write(_ indent: String, _ lines: inout [String]) {
        if let inline { return lines.append(indent + inline) }
        switch self {
        case .list(let items):
            for item in items {
                var (value, comments) = (item, [String]())
                while case .commented(let text, let next) = value { (value, comments) = (next, comments + [text]) }
                lines += comments.map { "\(indent)# \($0)" }
                var inner: [String] = []
                value.write(indent + "  ", &inner)
                if case .text(let text) = value, Self.isBlock(text) {
                    lines.append(indent + "- |")
                    Self.block(text, indent + "  ", &lines)
                } else {
                    inner[0] = indent + "- " + inner[0].dropFirst(indent.count + 2)
                    lines += inner
                }
            }
        case .map(let entries):
            for entry in entries { Self.write(entry, indent, &lines) }
        case .commented(let text, let value):
            lines.append("\(indent)# \(text)")
            value.write(indent, &lines)
        case .text(let text):
            lines.append(indent + "|")
            Self.block(text, indent + "  ", &lines)
        case .integer, .bool, .json: break
        }
    }

    private static func write(_ entry: Entry, _ indent: String, _ lines: inout [String]) {
        var value = entry.value
        while case .commented(let text, let next) = value {
            lines.append("\(indent)# \(text)")
            value = next
        }
        let key = indent + scalar(entry.key) + ":"
        if let inline = value.inline { return lines.append("\(key) \(inline)") }
        if case .text(let text) = value {
            lines.append("\(key) |")
            return block(text, indent + "  ", &lines)
        }
        lines.append(key)
        value.write(indent + "  ", &lines)
    }

    /// Text of several lines that a literal block gives back exactly.
    private static func isBlock(_ text: String) -> Bool {
        guard text.hasSuffix("\n"), !text.hasSuffix("\n\n"), text != "\n", text.first != " ", text.first != "\n" else {
            return false
        }
        return text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || ($0.value >= 32 && $0.value != 127) }
    }

    private static func block(_ text: String, _ indent: String, _ lines: inout [String]) {
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            lines.append(line.isEmpty ? "" : indent + line)
        }
    }

    private static let words: Set<String> = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "~", "nan", "inf",
    ]

    static func scalar(_ text: String) -> String {
        let isPlain = text.wholeMatch(of: /[A-Za-z_\/][A-Za-z0-9_ .\/@+=~-]*/) != nil
        guard isPlain, text.last != " ", !words.contains(text.lowercased()) else { return json(.string(text)) }
        return text
    }

    /// JSON is YAML.
    static func json(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let text): quoted(text)
        case .array(let items): "[" + items.map(json).joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { "\(quoted($0.key)): \(json($0.value))" }
                .joined(separator: ", ") + "}"
        }
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 32 || scalar.value == 127:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
