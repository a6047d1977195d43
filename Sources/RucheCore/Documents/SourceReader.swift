/// The fields of one map, after its keys were checked.
struct SourceFields {
    let path: String
    let place: Place
    let entries: [String: SourceNode]

    subscript(key: String) -> SourceNode? { entries[key] }
    func path(_ key: String) -> String { SourceReader.join(path, key) }
    func place(_ key: String) -> Place { entries[key]?.place ?? place }
}

/// Reads typed values out of a document and collects every problem on the way, so that one run reports all.
///
/// A method returns nil when there is no such value or when it reported a problem.
struct SourceReader {
    /// A list longer than this helps nobody: the rest is counted.
    static let mostProblems = 200

    let file: String
    private(set) var problems: [Problem] = []
    /// Problems that were reported when the list was full.
    private(set) var hidden = 0
    /// Where the value of each key path stands.
    private(set) var places: [String: Place] = [:]

    init(file: String) { self.file = file }

    static func join(_ path: String, _ key: String) -> String {
        let isPlain = key.wholeMatch(of: /[A-Za-z_$][A-Za-z0-9_$-]*/) != nil
        if !isPlain { return path + "[\(SourceNode.quoted(key))]" }
        return path.isEmpty ? key : "\(path).\(key)"
    }

    mutating func report(
        _ place: Place?, _ path: String, _ message: String, found: String? = nil, allowed: String? = nil,
        suggestion: String? = nil
    ) {
        report(
            Problem(
                file: file, line: place?.line, column: place?.column, path: path, message: message, found: found,
                allowed: allowed, suggestion: suggestion))
    }

    mutating func report(_ problem: Problem) {
        if problems.count < Self.mostProblems { problems.append(problem) } else { hidden += 1 }
    }

    mutating func reportType(_ node: SourceNode, _ path: String, allowed: String) {
        let message = node.isNull ? "has no value" : "has the wrong type"
        report(node.place, path, message, found: node.isNull ? nil : node.summary, allowed: allowed)
    }

    mutating func remember(_ node: SourceNode, _ path: String) { places[path] = node.place }

    /// Checks that the node is a map with known keys only, and all required ones.
    mutating func fields(_ node: SourceNode, _ path: String, _ table: KeyTable) -> SourceFields? {
        remember(node, path)
        guard let map = node.map else {
            reportType(node, path, allowed: "a map with \(table.keys.joined(separator: ", "))")
            return nil
        }
        var entries: [String: SourceNode] = [:]
        for entry in map {
            let entryPath = Self.join(path, entry.key)
            guard table.keys.contains(entry.key) else {
                report(
                    entry.keyPlace, entryPath, "unknown key", allowed: table.keys.joined(separator: ", "),
                    suggestion: Spelling.nearest(entry.key, among: table.keys))
                continue
            }
            entries[entry.key] = entry.value
            remember(entry.value, entryPath)
        }
        let present = Set(map.map(\.key))
        for key in table.required where !present.contains(key) {
            report(node.place, Self.join(path, key), "required key is missing")
        }
        return SourceFields(path: path, place: node.place, entries: entries)
    }

    /// The items of a list, each read by `each`; items with problems are left out.
    mutating func list<T>(
        _ node: SourceNode?, _ path: String, of what: String, isEmptyAllowed: Bool = true,
        _ each: (inout SourceReader, SourceNode, String) -> T?
    ) -> [T]? {
        guard let node else { return nil }
        remember(node, path)
        guard let items = node.list else {
            reportType(node, path, allowed: "a list of \(what)")
            return nil
        }
        if items.isEmpty, !isEmptyAllowed {
            report(node.place, path, "the list is empty", allowed: "a list of \(what)")
            return nil
        }
        var result: [T] = []
        for (index, item) in items.enumerated() {
            remember(item, "\(path)[\(index)]")
            if let value = each(&self, item, "\(path)[\(index)]") { result.append(value) }
        }
        return result
    }

    /// Reports items that were given before.
    mutating func reportRepeated(_ node: SourceNode?, _ path: String) {
        var seen: Set<String> = []
        for (index, item) in (node?.list ?? []).enumerated() {
            if let text = item.scalar, !seen.insert(text).inserted {
                report(item.place, "\(path)[\(index)]", "given twice", found: item.summary)
            }
        }
    }
}

// MARK: Scalars

extension SourceReader {
    /// Text that `read` makes a value of; a nil from it is reported with what is allowed.
    ///
    /// With `isTakenAsWritten`, numbers and true or false count as the text they are written as.
    mutating func value<T>(
        _ node: SourceNode?, _ path: String, allowed: String, isTakenAsWritten: Bool = false,
        _ read: (String) -> T?
    ) -> T? {
        guard let node else { return nil }
        guard let text = node.scalar, !node.isNull, node.isText || node.plain == nil || isTakenAsWritten else {
            let isBare = node.plain != nil && !node.isNull
            reportType(node, path, allowed: isBare ? "\(allowed) (put quotes around it to make it text)" : allowed)
            return nil
        }
        guard let value = read(text) else {
            report(node.place, path, "is not valid", found: node.summary, allowed: allowed)
            return nil
        }
        return value
    }

    /// Text of one line (or several, with `isMultiline`), not empty.
    mutating func text(
        _ node: SourceNode?, _ path: String, limit: Int = 1024, isMultiline: Bool = false,
        isTakenAsWritten: Bool = false
    ) -> String? {
        let lines = isMultiline ? "text" : "text of one line"
        return value(
            node, path, allowed: "\(lines), 1 to \(limit) bytes", isTakenAsWritten: isTakenAsWritten
        ) { text in
            (1...limit).contains(text.utf8.count) && (isMultiline || !text.contains { $0.isNewline }) ? text : nil
        }
    }

    mutating func boolean(_ node: SourceNode?, _ path: String) -> Bool? {
        guard let node else { return nil }
        guard let value = node.boolean else {
            reportType(node, path, allowed: "true or false")
            return nil
        }
        return value
    }

    mutating func integer(_ node: SourceNode?, _ path: String, in range: ClosedRange<Int>) -> Int? {
        guard let node else { return nil }
        let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let wide = node.integer else {
            reportType(node, path, allowed: allowed)
            return nil
        }
        guard let value = Int(exactly: wide), range.contains(value) else {
            report(node.place, path, "is out of range", found: "\(wide)", allowed: allowed)
            return nil
        }
        return value
    }

    /// A map whose keys pass `isKey` and whose values are scalars, taken as written.
    mutating func texts(
        _ node: SourceNode?, _ path: String, keys: String, isKey: (String) -> Bool
    ) -> [String: String]? {
        guard let node else { return nil }
        remember(node, path)
        guard let map = node.map else {
            reportType(node, path, allowed: "a map of \(keys) to text")
            return nil
        }
        var result: [String: String] = [:]
        for entry in map {
            let entryPath = Self.join(path, entry.key)
            remember(entry.value, entryPath)
            if !isKey(entry.key) {
                report(
                    entry.keyPlace, entryPath, "the name is not valid", found: SourceNode.quoted(entry.key),
                    allowed: keys)
            }
            let allowed = "text; write \"\" for empty text"
            guard let value = value(entry.value, entryPath, allowed: allowed, isTakenAsWritten: true, { $0 })
            else { continue }
            result[entry.key] = value
        }
        return result
    }
}
