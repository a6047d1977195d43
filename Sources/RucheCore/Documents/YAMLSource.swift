import Yams

/// Reads one YAML document into nodes with places, within limits that hold against hostile text.
///
/// Anchors, aliases, tags, complex keys and repeated keys are refused: a recipe needs none of them, and each
/// is a way to make a small file mean something large or something else than a reader sees.
enum YAMLSource {
    static let largestText = 1 << 20
    static let largestScalar = 64 << 10
    static let deepest = 32
    static let mostNodes = 50_000

    /// The root, or nil when the text can't be read; problems that leave the rest readable come with a root.
    static func parse(_ text: String, file: String) -> (root: SourceNode?, problems: [Problem]) {
        if let problem = TextLimits.problem(text, file: file, largest: largestText) ?? aliases(in: text, file: file) {
            return (nil, [problem])
        }
        do {
            var repair = DuplicateRepair(text: text)
            while true {
                do {
                    let parser = try Parser(yaml: repair.text, resolver: .basic, encoding: .utf8)
                    guard let node = try parser.singleRoot() else {
                        return (nil, [Problem(file: file, line: 1, column: 1, path: "", message: "the file is empty")])
                    }
                    var loader = Loader(file: file, repeatedKeys: repair.replaced)
                    // Nodes hold their anchors weakly: they live as long as the parser does.
                    let root = withExtendedLifetime(parser) { loader.load(node, path: "", depth: 0) }
                    return (root, loader.problems)
                } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                    let place = Place(line: context.mark.line, column: context.mark.column)
                    let key = keys.first ?? ""
                    guard !repair.apply(key: key, first: place) else { continue }
                    return (nil, [Loader.repeated(key, path: key, place, file: file)])
                }
            }
        } catch {
            return (nil, [problem(error, text: text, file: file)])
        }
    }

    /// Finds text that uses many aliases before the parser expands them; a few are refused later, at their place.
    private static func aliases(in text: String, file: String) -> Problem? {
        let anchors = Set(text.matches(of: /&([A-Za-z0-9_-]+)/).map { String($0.output.1) })
        guard !anchors.isEmpty else { return nil }
        let uses = text.matches(of: /\*([A-Za-z0-9_-]+)/).filter { anchors.contains(String($0.output.1)) }
        guard uses.count > 8, let first = uses.first else { return nil }
        let place = TextLimits.place(of: first.range.lowerBound, in: text)
        return Problem(
            file: file, line: place.line, column: place.column, path: "",
            message: "anchors and aliases are not supported; write the value again",
            found: SourceNode.quoted(String(first.output.0)))
    }

    private static func problem(_ error: any Error, text: String, file: String) -> Problem {
        var place: Place?
        var message = "not readable as YAML"
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            place = Place(line: mark.line, column: mark.column)
            let around = context.map { " (\($0.text), from line \($0.mark.line), column \($0.mark.column))" } ?? ""
            message = "not valid YAML: \(problem)\(around)"
        case .reader(let problem, let offset, _, _):
            if let offset, let index = text.index(text.startIndex, offsetBy: offset, limitedBy: text.endIndex) {
                place = TextLimits.place(of: index, in: text)
            }
            message = "not valid YAML: \(problem)"
        default: break
        }
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst((place?.line ?? 1) - 1).first
        let isTabbed = line?.prefix { $0 == " " || $0 == "\t" }.contains("\t") == true
        return Problem(
            file: file, line: place?.line, column: place?.column, path: "", message: message,
            allowed: isTabbed ? "spaces, not tabs, at the start of a line" : nil)
    }

    /// Turns nodes of the library into ours.
    private struct Loader {
        let file: String
        let repeatedKeys: [String: String]
        var problems: [Problem] = []
        var count = 0

        init(file: String, repeatedKeys: [String: String]) {
            self.file = file
            self.repeatedKeys = repeatedKeys
        }

        mutating func load(_ node: Node, path: String, depth: Int) -> SourceNode? {
            let place = Place(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
            count += 1
            if let message = refusal(of: node, depth: depth) {
                report(place, path, message)
                return nil
            }
            switch node {
            case .scalar(let scalar):
                let isPlain = scalar.style == .plain && scalar.tag.rawValue.isEmpty
                return SourceNode(content: .scalar(scalar.string, isPlain: isPlain), place: place)
            case .sequence(let sequence):
                let items = sequence.enumerated().map { index, item in
                    load(item, path: "\(path)[\(index)]", depth: depth + 1)
                        ?? SourceNode(content: .list([]), place: place)
                }
                return SourceNode(content: .list(items), place: place)
            case .mapping(let mapping):
                let entries = mapping.compactMap { entry(key: $0.key, value: $0.value, path: path, depth: depth) }
                return SourceNode(content: .map(entries), place: place)
            case .alias:
                report(place, path, "anchors and aliases are not supported; write the value again")
                return nil
            }
        }

        private func refusal(of node: Node, depth: Int) -> String? {
            if count > YAMLSource.mostNodes { return "the document has more than \(YAMLSource.mostNodes) values" }
            if depth > YAMLSource.deepest { return "nested deeper than \(YAMLSource.deepest) levels" }
            if node.hasAnchor { return "anchors and aliases are not supported; write the value again" }
            if let tag = node.foreignTag { return "the tag \(SourceNode.quoted(tag)) is not supported" }
            if let size = node.scalar?.string.utf8.count, size > YAMLSource.largestScalar {
                return "text of \(size) bytes is over \(YAMLSource.largestScalar); put it in a file beside the recipe"
            }
            return nil
        }

        private mutating func entry(key: Node, value: Node, path: String, depth: Int) -> SourceNode.Entry? {
            let place = Place(line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
            guard let name = key.scalar?.string, !key.hasAnchor, name.utf8.count <= 256 else {
                report(place, path, "a key must be plain text of at most 256 bytes, without an anchor")
                return nil
            }
            if let original = repeatedKeys[name] {
                problems.append(Self.repeated(original, path: SourceReader.join(path, original), place, file: file))
                return nil
            }
            guard let loaded = load(value, path: SourceReader.join(path, name), depth: depth + 1) else { return nil }
            return SourceNode.Entry(key: name, keyPlace: place, value: loaded)
        }

        private mutating func report(_ place: Place, _ path: String, _ message: String) {
            // One over-long document is one problem, not one for each value beyond the limit.
            guard problems.count < SourceReader.mostProblems, problems.last?.message != message else { return }
            problems.append(
                Problem(file: file, line: place.line, column: place.column, path: path, message: message))
        }

        static func repeated(_ key: String, path: String, _ place: Place, file: String) -> Problem {
            Problem(
                file: file, line: place.line, column: place.column, path: path, message: "the key is given twice",
                found: SourceNode.quoted(key))
        }
    }
}

extension Node {
    fileprivate var hasAnchor: Bool {
        switch self {
        case .scalar(let scalar): scalar.anchor != nil
        case .mapping(let mapping): mapping.anchor != nil
        case .sequence(let sequence): sequence.anchor != nil
        case .alias: true
        }
    }

    /// A tag that somebody wrote, other than the one for text.
    fileprivate var foreignTag: String? {
        let tag: String? =
            switch self {
            case .scalar(let scalar): scalar.tag.rawValue
            case .mapping(let mapping): mapping.tag.rawValue
            case .sequence(let sequence): sequence.tag.rawValue
            case .alias: nil
            }
        return tag.flatMap { ["", "tag:yaml.org,2002:str"].contains($0) ? nil : $0 }
    }
}
