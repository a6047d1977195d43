extension JSONValue {
    /// As people read it: a member a line, names sorted, with a line feed at the end.
    package func pretty() -> String { pretty("") + "\n" }

    private func pretty(_ indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .array(let items) where !items.isEmpty:
            return "[\n" + items.map { inner + $0.pretty(inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.sorted { $0.key < $1.key }.map { key, value in
                inner + YAMLText.quoted(key) + ": " + value.pretty(inner)
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        default: return YAMLText.json(self)
        }
    }
}
