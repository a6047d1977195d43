extension ManifestReader {
    /// The form and the documents that are there. One that is missing is a warning: upstream's own test package
    /// names one.
    mutating func documents(_ manifest: inout PackageManifest) {
        let isImage = manifest.dialect == .lxdImage
        if let (node, path) = fields["documents"] {
            switch node.content {
            case .map(let entries):
                for entry in entries {
                    named(entry.key, entry.value, SourceReader.join(path, entry.key), isImage, &manifest)
                }
            case .list(let items):
                for (index, item) in items.enumerated() { listed(item, "\(path)[\(index)]", isImage, &manifest) }
            case .scalar:
                findings.add(
                    .warning, node.place, path, "has the wrong type, and is left out", found: node.summary,
                    allowed: "a map of kinds to paths, or a list of paths")
            }
        }
        for key in ["form", "icon"] {
            if let (node, path) = fields[key] { named(key, node, path, isImage, &manifest) }
        }
        guard !isImage else { return }
        // What the manifest does not name is found where packages keep it.
        if manifest.form == nil, contents.files.contains(PackageContents.formName) {
            manifest.form = PackageContents.formName
        }
        for kind in PackageDocumentKind.allCases where manifest.documents[kind] == nil {
            manifest.documents[kind] = kind.usualPaths.first { contents.files.contains($0) }
        }
    }

    private mutating func named(
        _ key: String, _ node: SourceNode, _ path: String, _ isImage: Bool, _ manifest: inout PackageManifest
    ) {
        if node.isNull { return }
        let kind = PackageDocumentKind(key: key)
        guard kind != nil || key == "form" else {
            let known = ["form", "icon", "presentation", "about", "help", "license", "readme"]
            findings.add(
                .warning, node.place, path, "unknown document, left out", allowed: known.joined(separator: ", "),
                suggestion: Spelling.nearest(key, among: known))
            return
        }
        guard let file = location(node, path, isImage) else { return }
        set(kind, file, &manifest)
    }

    private mutating func listed(
        _ node: SourceNode, _ path: String, _ isImage: Bool, _ manifest: inout PackageManifest
    ) {
        guard let file = location(node, path, isImage) else { return }
        let name = file.split(separator: "/").last.map(String.init) ?? ""
        let kind = PackageDocumentKind(fileName: name)
        guard kind != nil || name.lowercased() == PackageContents.formName else {
            findings.add(
                .warning, node.place, path, "its name tells no kind of document, so it is left out",
                found: SourceNode.quoted(name), allowed: "form.json, icon, presentation, help, LICENSE or README")
            return
        }
        set(kind, file, &manifest)
    }

    private func set(_ kind: PackageDocumentKind?, _ file: String, _ manifest: inout PackageManifest) {
        if let kind { manifest.documents[kind] = file } else { manifest.form = file }
    }

    /// Where the file is in the package; nil when it is not there, which is told.
    private mutating func location(_ node: SourceNode, _ path: String, _ isImage: Bool) -> String? {
        guard let text = node.scalar else {
            findings.add(.error, node.place, path, "has the wrong type", found: node.summary, allowed: "a path")
            return nil
        }
        let inside = isImage ? PathSyntax.absolute(text.hasPrefix("/") ? text : "/" + text) : PathSyntax.relative(text)
        guard let inside else {
            findings.add(
                .error, node.place, path, "is not valid", found: SourceNode.quoted(text),
                allowed: isImage ? PathSyntax.absoluteRule : "a path in the package: relative, without \"..\"")
            return nil
        }
        let file = isImage ? "rootfs" + inside : inside
        guard contents.files.contains(file) else {
            findings.add(
                .warning, node.place, path, "there is no such file in the package", found: SourceNode.quoted(text))
            return nil
        }
        return file
    }
}
