extension ManifestReader {
    /// What people read, and `type`, which has two meanings.
    mutating func describe(_ manifest: inout PackageManifest) {
        manifest.description = text("description", limit: 64 << 10, isMultiline: true)
        manifest.summary = manifest.description.flatMap { text in
            text.split(whereSeparator: \.isNewline).first.map { String($0.prefix(256)) }
        }
        manifest.license = text("license", limit: 512)
        manifest.authors = authors()
        guard let type = text("type", limit: 64) else { return }
        let word = type.lowercased()
        if let kind = PackageManifest.Kind(rawValue: word) {
            manifest.kind = kind
            if kind != .job {
                note(.warning, "type", "is \"\(word)\": it runs as a job, without access to the original's database")
            }
        } else if !ManifestKeys.technologies.contains(word) {
            let known = PackageManifest.Kind.allCases.map(\.rawValue) + ManifestKeys.technologies
            note(
                .error, "type", "is neither a kind of pipeline nor a technology", found: SourceNode.quoted(type),
                allowed: known.joined(separator: ", "), suggestion: Spelling.nearest(word, among: known))
        } else if word == "docker", manifest.dialect == .lxdArchive || manifest.dialect == .lxdImage {
            note(.warning, "type", "is \"docker\", and the package has an LXD image, which is taken")
        }
    }

    private mutating func note(
        _ severity: PackageFinding.Severity, _ key: String, _ message: String, found: String? = nil,
        allowed: String? = nil, suggestion: String? = nil
    ) {
        findings.add(
            severity, fields[key]?.node.place ?? place, fields[key]?.key ?? key, message, found: found,
            allowed: allowed, suggestion: suggestion)
    }

    /// Names, pairs of name and address, or maps with both.
    private mutating func authors() -> [Recipe.Author] {
        guard let (node, path) = fields["developers"] else { return [] }
        let items = node.list ?? (node.scalar != nil || node.map != nil ? [node] : [])
        return items.prefix(200).enumerated().compactMap { index, item in
            var author: Recipe.Author?
            if let name = item.scalar {
                author = Recipe.Author(name: name)
            } else if let pair = item.list, let name = pair.first?.scalar {
                author = Recipe.Author(name: name, email: pair.count > 1 ? pair[1].scalar : nil)
            } else if let map = item.map {
                let values = Dictionary(map.map { ($0.key, $0.value.scalar) }) { first, _ in first }
                author = (values["name"] ?? nil).map { Recipe.Author(name: $0, email: values["email"] ?? nil) }
            }
            let isWhole = author.map { (1...256).contains($0.name.utf8.count) && !$0.name.contains(where: \.isNewline) }
            if isWhole == true { return author }
            findings.add(
                .warning, item.place, "\(path)[\(index)]", "is no name, and is left out", found: item.summary,
                allowed: "a name, or a name and an address")
            return nil
        }
    }

    /// The command line. One with signs of a shell is given to a shell, as the original did.
    mutating func job(_ manifest: inout PackageManifest) {
        let isOptional = manifest.dialect == .dockerfile
        guard let line = text("job", limit: 4096) else {
            if !isOptional, fields["job"] == nil { note(.error, "job", "required key is missing") }
            return
        }
        if isOptional { note(.note, "job", "runs instead of the image's own command") }
        if line.contains(where: { "|&;<>()$`*?#~\n".contains($0) }) {
            manifest.job = "/bin/sh -c '\(line.replacing("'", with: "'\\''"))'"
            note(.note, "job", "has signs of a shell: /bin/sh runs it")
            return
        }
        guard let words = ShellWords.split(line), let first = words.first, !first.isEmpty else {
            note(
                .error, "job", "can't be split into words", found: SourceNode.quoted(line),
                allowed: "a command line with every quote closed")
            return
        }
        if !isOptional, !first.hasPrefix("/") {
            note(.warning, "job", "is no absolute path: it is looked for in the image's PATH")
        }
        manifest.job = line
    }

    /// The folders of the contract: absolute, apart from each other, out of what the kernel owns.
    mutating func folders(_ manifest: inout PackageManifest) {
        let keys: [(String, WritableKeyPath<PackageManifest, String>)] = [
            ("inputs", \.inputs), ("outputs", \.outputs), ("logs", \.logs), ("databases", \.databases),
        ]
        let rule = "\(PathSyntax.absoluteRule), not / and not in /dev, /proc, /sys or /run/ruche"
        for (key, target) in keys {
            guard let text = text(key) else { continue }
            guard let path = PathSyntax.absolute(text), path != "/",
                !["/dev", "/proc", "/sys", "/run/ruche"].contains(where: { PathSyntax.isSame(path, orBelow: $0) })
            else {
                note(.error, key, "is not valid", found: SourceNode.quoted(text), allowed: rule)
                continue
            }
            if path != text { note(.note, key, "\(SourceNode.quoted(text)) is read as \(path)") }
            manifest[keyPath: target] = path
        }
        for (index, one) in keys.enumerated() {
            for other in keys[..<index] {
                let (path, before) = (manifest[keyPath: one.1], manifest[keyPath: other.1])
                guard PathSyntax.isSame(path, orBelow: before) || PathSyntax.isSame(before, orBelow: path) else {
                    continue
                }
                let (key, against) = fields[one.0] != nil ? (one.0, other) : (other.0, one)
                note(
                    .error, key, "is the same as, in or around \(against.0)",
                    found: SourceNode.quoted(manifest[keyPath: key == one.0 ? one.1 : other.1]),
                    allowed: "a folder apart from \(manifest[keyPath: against.1])")
            }
        }
    }
}
