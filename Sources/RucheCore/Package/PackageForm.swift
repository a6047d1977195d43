/// The form of a package: read with patience, and given back as the strict reader of forms takes it.
package enum PackageForm {
    /// The text of the form and the form; nil with an error among the findings. An empty file has no fields.
    package static func read(
        _ text: String, file: String
    ) -> (text: String?, form: Form?, findings: [PackageFinding]) {
        if text.allSatisfy(\.isWhitespace) {
            var findings = PackageFindings(file: file)
            findings.add(.note, nil, "", "the form is empty: the pipeline has no parameters")
            return ("{}", Form(), findings.all)
        }
        let (root, read) = LenientJSON.parse(text, file: file)
        guard var root else { return (nil, nil, read) }
        var findings = PackageFindings(file: file)
        removeUnknownKeys(&root, &findings)
        let clean = root.jsonText
        let (form, problems) = FormParser.check(root, file: file)
        let all = read + findings.all + problems.map { PackageFinding(.error, $0) }
        return (form == nil ? nil : clean, form, all)
    }

    /// The original's client ignores what it does not know, so packages have such keys.
    private static func removeUnknownKeys(_ root: inout SourceNode, _ findings: inout PackageFindings) {
        guard var entries = root.map else { return }
        let isSchema = FormParser.isSchema(entries)
        if isSchema {
            entries = known(entries, FormKeys.document.keys, "", &findings)
            for index in entries.indices where entries[index].key == "properties" {
                clean(&entries[index].value, "properties", &findings)
            }
            root.content = .map(entries)
        } else {
            clean(&root, "", &findings)
        }
    }

    private static func clean(_ fields: inout SourceNode, _ path: String, _ findings: inout PackageFindings) {
        guard var entries = fields.map else { return }
        for index in entries.indices {
            guard let field = entries[index].value.map else { continue }
            let fieldPath = SourceReader.join(path, entries[index].key)
            entries[index].value.content = .map(known(field, FormKeys.field.keys, fieldPath, &findings))
        }
        fields.content = .map(entries)
    }

    private static func known(
        _ entries: [SourceNode.Entry], _ keys: [String], _ path: String, _ findings: inout PackageFindings
    ) -> [SourceNode.Entry] {
        entries.filter { entry in
            if keys.contains(entry.key) { return true }
            findings.add(
                .warning, entry.keyPlace, SourceReader.join(path, entry.key), "unknown key, left out",
                allowed: keys.joined(separator: ", "), suggestion: Spelling.nearest(entry.key, among: keys))
            return false
        }
    }
}
