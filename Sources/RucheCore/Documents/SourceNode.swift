/// A value of a document somebody wrote, with its place: what YAML and JSON have in common.
struct SourceNode: Sendable {
    enum Content: Sendable {
        /// Text as written; plain means without quotes, so that it may also be a number, true, false or nothing.
        case scalar(String, isPlain: Bool)
        case list([SourceNode])
        case map([Entry])
    }

    struct Entry: Sendable {
        var key: String
        var keyPlace: Place
        var value: SourceNode
    }

    var content: Content
    var place: Place
}

/// Types of plain scalars by the core schema of YAML 1.2.2 (10.3.2), of which JSON is a part: `no` and `0755`
/// are not what YAML 1.1 makes of them.
extension SourceNode {
    var plain: String? { if case .scalar(let text, isPlain: true) = content { text } else { nil } }
    var scalar: String? { if case .scalar(let text, _) = content { text } else { nil } }
    var list: [SourceNode]? { if case .list(let items) = content { items } else { nil } }
    var map: [Entry]? { if case .map(let entries) = content { entries } else { nil } }

    var isNull: Bool { plain.map { ["", "~", "null", "Null", "NULL"].contains($0) } ?? false }

    var boolean: Bool? {
        switch plain {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    var integer: Int64? {
        guard let plain, plain.wholeMatch(of: /[-+]?[0-9]+/) != nil else { return nil }
        return Int64(plain)
    }

    /// A finite number, written as an integer or not.
    var number: Double? {
        guard let plain, plain.utf8.count <= 64,
            plain.wholeMatch(of: /[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?/) != nil,
            let value = Double(plain.hasSuffix(".") ? plain + "0" : plain), value.isFinite
        else { return nil }
        return value
    }

    var isText: Bool { scalar != nil && !isNull && boolean == nil && number == nil }

    /// What the value is, for a message.
    var summary: String {
        switch content {
        case .list(let items): items.isEmpty ? "an empty list" : "a list of \(items.count)"
        case .map(let entries): entries.isEmpty ? "an empty map" : "a map"
        case .scalar: isNull ? "nothing" : SourceNode.quoted(scalar ?? "")
        }
    }

    var json: JSONValue {
        switch content {
        case .list(let items): return .array(items.map(\.json))
        case .map(let entries):
            return .object(Dictionary(entries.map { ($0.key, $0.value.json) }) { first, _ in first })
        case .scalar(let text, _):
            if isNull { return .null }
            if let boolean { return .bool(boolean) }
            if let integer { return .integer(integer) }
            if let number { return .number(number) }
            return .string(text)
        }
    }

    /// Text in quotes, on one line, at most 60 characters of it.
    static func quoted(_ text: String) -> String {
        let clean = text.prefix(61).unicodeScalars.map { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\t": "\\t"
            default:
                scalar.properties.generalCategory == .control
                    ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
            }
        }
        let shown = clean.prefix(60).joined()
        return "\"\(shown)\(clean.count > 60 ? "…" : "")\""
    }
}
