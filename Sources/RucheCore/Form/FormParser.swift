/// Makes a checked form of JSON and collects every problem.
struct FormParser {
    static let mostFields = 500

    private var source: SourceReader

    static func parse(_ text: String, file: String) -> (form: Form?, problems: [Problem]) {
        // Packages of the originals have a form of one byte, or none, when there is nothing to set.
        if text.utf8.count <= 1 || text.allSatisfy(\.isWhitespace) { return (Form(), []) }
        let (root, problems) = JSONSource.parse(text, file: file)
        guard let root else { return (nil, problems) }
        let (form, found) = check(root, file: file)
        return (problems.isEmpty ? form : nil, problems + found)
    }

    /// The form that a document makes, or every problem in it.
    static func check(_ root: SourceNode, file: String) -> (form: Form?, problems: [Problem]) {
        var parser = FormParser(source: SourceReader(file: file))
        let fields = parser.fields(root)
        let problems = parser.source.problems
        return (problems.isEmpty ? Form(fields: fields) : nil, problems)
    }

    private mutating func fields(_ root: SourceNode) -> [FormField] {
        guard let entries = root.map else {
            source.reportType(root, "", allowed: "a map with the form's fields")
            return []
        }
        guard Self.isSchema(entries) else { return fields(entries, path: "") }
        guard let document = source.fields(root, "", FormKeys.document), let node = document["properties"] else {
            return []
        }
        return fields(node.map ?? [], path: "properties")
    }

    /// The shape of JSON Schema, not a bare map that has a field called "properties".
    static func isSchema(_ entries: [SourceNode.Entry]) -> Bool {
        let values = Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
        return values["properties"]?.map != nil
            && (values["$schema"]?.scalar != nil || values["type"]?.scalar == "object")
            || (values["properties"]?.map != nil && entries.count == 1)
    }

    private mutating func fields(_ entries: [SourceNode.Entry], path: String) -> [FormField] {
        if entries.count > Self.mostFields {
            source.report(
                entries.first?.keyPlace, path, "too many fields", found: "\(entries.count)",
                allowed: "at most \(Self.mostFields)")
            return []
        }
        return entries.compactMap { entry in
            let fieldPath = SourceReader.join(path, entry.key)
            if entry.key.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.-]{0,127}/) == nil {
                source.report(
                    entry.keyPlace, fieldPath, "the name of a field is not valid", found: SourceNode.quoted(entry.key),
                    allowed: "letters, digits, \"_\", \"-\" and \".\", a letter or \"_\" first")
            }
            return field(entry, fieldPath)
        }
    }

    private mutating func field(_ entry: SourceNode.Entry, _ path: String) -> FormField? {
        guard let fields = source.fields(entry.value, path, FormKeys.field) else { return nil }
        guard let kind = kind(fields) else { return nil }
        var field = FormField(key: entry.key, kind: kind)
        field.title = source.text(fields["title"], fields.path("title"), limit: 256)
        field.description = source.text(
            fields["description"], fields.path("description"), limit: 8192, isMultiline: true)
        field.isRequired = source.boolean(fields["required"], fields.path("required")) ?? false
        field.isAdvanced = source.boolean(fields["advanced_user"], fields.path("advanced_user")) ?? false
        range(&field, fields)
        field.choices = choices(kind, fields)
        if kind == .enum, fields["enum"] == nil {
            source.report(entry.value.place, fields.path("enum"), "required key is missing", allowed: Self.choicesRule)
        }
        fallback(&field, fields)
        return field
    }

    private mutating func kind(_ fields: SourceFields) -> FormField.Kind? {
        let names = FormField.Kind.allCases.map(\.rawValue)
        let allowed = names.joined(separator: ", ")
        guard let node = fields["type"] else {
            if fields["enum"] != nil { return .enum }
            source.report(fields.place, fields.path("type"), "required key is missing", allowed: allowed)
            return nil
        }
        guard let text = source.value(node, fields.path("type"), allowed: allowed, { $0 }) else { return nil }
        if let kind = FormField.Kind(rawValue: text) { return kind }
        let others = ["int": "integer", "float": "number", "double": "number", "bool": "boolean", "text": "string"]
        source.report(
            node.place, fields.path("type"), "is not a type of field", found: node.summary, allowed: allowed,
            suggestion: others[text.lowercased()] ?? Spelling.nearest(text, among: names))
        return nil
    }

    private mutating func range(_ field: inout FormField, _ fields: SourceFields) {
        for key in ["minimum", "maximum"] {
            guard let node = fields[key] else { continue }
            if field.kind != .integer, field.kind != .number {
                source.report(
                    node.place, fields.path(key), "has no meaning for a field of type \(field.kind.rawValue)",
                    allowed: "only with integer and number")
            } else if node.number == nil {
                source.reportType(node, fields.path(key), allowed: "a number")
            }
        }
        field.minimum = fields["minimum"]?.number
        field.maximum = fields["maximum"]?.number
        if let low = field.minimum, let high = field.maximum, low > high {
            source.report(
                fields.place("maximum"), fields.path("maximum"), "is below the minimum",
                found: FormField.plain(high), allowed: "\(FormField.plain(low)) or more")
        }
    }

    private static let choicesRule =
        "a list of choices, or one of " + MagicList.allCases.map(\.rawValue).joined(separator: ", ")

    private mutating func choices(_ kind: FormField.Kind, _ fields: SourceFields) -> FormField.Choices? {
        guard let node = fields["enum"] else { return nil }
        let path = fields.path("enum")
        if kind == .boolean {
            source.report(node.place, path, "has no meaning for a field of type boolean")
            return nil
        }
        if let name = node.scalar {
            let isText = kind == .enum || kind == .string
            if let list = MagicList(rawValue: name), isText { return .magic(list) }
            source.report(
                node.place, path, isText ? "is not a list of choices" : "a list by name holds text, not numbers",
                found: node.summary, allowed: Self.choicesRule,
                suggestion: Spelling.nearest(name, among: MagicList.allCases.map(\.rawValue)))
            return nil
        }
        let choices = source.list(node, path, of: "choices", isEmptyAllowed: false) { source, node, path in
            Self.choice(&source, node, path, kind)
        }
        source.reportRepeated(node, path)
        return choices.map(FormField.Choices.listed)
    }

    private static func choice(
        _ source: inout SourceReader, _ node: SourceNode, _ path: String, _ kind: FormField.Kind
    ) -> JSONValue? {
        let bare = FormField(key: "", kind: kind)
        if node.scalar != nil, case .value(let value) = bare.read(node.json) { return value }
        source.reportType(node, path, allowed: kind == .enum ? "text" : bare.rule)
        return nil
    }

    /// A default must be a value that the field itself takes.
    private mutating func fallback(_ field: inout FormField, _ fields: SourceFields) {
        guard let node = fields["default"] else { return }
        let value = node.json
        if case .magic = field.choices {
            if node.scalar == nil { return source.reportType(node, fields.path("default"), allowed: "text") }
            field.defaultValue = value == .null || value == .string("") ? nil : value
            return
        }
        // The client of the originals reads the default of a choice as its index.
        if field.kind == .enum, case .listed(let choices) = field.choices,
            let index = node.integer.flatMap({ Int(exactly: $0) }),
            choices.indices.contains(index), !choices.contains(.string("\(index)"))
        {
            field.defaultValue = choices[index]
            return
        }
        if field.choices == nil, field.kind == .enum { return }
        switch field.settle(value, FormLists()) {
        case .value(let value): field.defaultValue = value
        case .nothing: break
        case .problem(let problem):
            if value == .null || value == .string("") { return }
            source.report(
                node.place, fields.path("default"), "the default \(problem.message)", found: node.summary,
                allowed: problem.allowed, suggestion: problem.suggestion)
        }
    }
}
