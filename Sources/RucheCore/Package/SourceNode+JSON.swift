extension SourceNode {
    /// The value as JSON text, keys in the order they were written.
    var jsonText: String {
        switch content {
        case .list(let items): return "[" + items.map(\.jsonText).joined(separator: ", ") + "]"
        case .map(let entries):
            return "{" + entries.map { "\(Self.json($0.key)): \($0.value.jsonText)" }.joined(separator: ",\n") + "}"
        case .scalar(let text, _):
            if isNull { return "null" }
            if let boolean { return boolean ? "true" : "false" }
            // Only what JSON takes as a number as well: YAML's +1 and .5 stay text.
            if plain != nil, text.wholeMatch(of: /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/) != nil {
                return text
            }
            return Self.json(text)
        }
    }

    private static func json(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if scalar.value < 32 {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
