extension ProjectDraft {
    /// Reads `codemeta.json` (CodeMeta 2 and 3).
    package mutating func readCodemeta(_ text: String, file: String) {
        guard let root = JSONSource.parse(text, file: file).root, let members = root.map else {
            return note(file, nil, "codemeta", "is no JSON object, and is left out")
        }
        for entry in members {
            let (value, line) = (entry.value, entry.keyPlace.line)
            switch entry.key {
            case "version":
                guard let text = value.scalar.map({ $0.hasPrefix("v") ? String($0.dropFirst()) : $0 }) else { continue }
                if ReleaseVersion(text) != nil {
                    version = text
                } else {
                    note(file, line, "version", "\"\(text)\" is no version here")
                }
            case "description":
                summary = value.scalar.map { Self.oneLine($0) }
            case "license": readLicense(value, file, line)
            case "keywords":
                keywords =
                    value.list?.compactMap(\.scalar) ?? value.scalar.map {
                        $0.split(separator: ",").map { Self.oneLine(String($0)) }
                    } ?? []
            case "codeRepository", "url":
                if let text = value.scalar, URLSyntax.isWeb(text) { homepage = homepage ?? text }
            case "author", "maintainer":
                for node in value.list ?? [value] where authors.count < 100 { readAuthor(node, file, line) }
            case "@context", "@type", "@id", "type", "name", "identifier", "dateCreated", "dateModified",
                "datePublished":
                break
            default: note(file, line, entry.key, "is not carried over")
            }
        }
    }

    private mutating func readLicense(_ node: SourceNode, _ file: String, _ line: Int) {
        let text =
            node.scalar ?? node.map?.first { $0.key == "@id" || $0.key == "url" || $0.key == "name" }?.value.scalar
            ?? ""
        let name = text.split(separator: "/").last.map(String.init) ?? text
        let known = name.hasSuffix(".html") ? String(name.dropLast(5)) : name
        if LicenseExpression.fault(in: known) == nil {
            license = known
        } else {
            note(file, line, "license", "\"\(text)\" is no SPDX licence")
        }
    }

    private mutating func readAuthor(_ node: SourceNode, _ file: String, _ line: Int) {
        var values: [String: String] = [:]
        for entry in node.map ?? [] { values[entry.key] = entry.value.scalar }
        let parts = [values["givenName"], values["familyName"]].compactMap(\.self)
        guard let name = parts.isEmpty ? values["name"] : parts.joined(separator: " "), !name.isEmpty else {
            return note(file, line, "author", "has no name, and is left out")
        }
        var author = Recipe.Author(name: Self.oneLine(name))
        let id = values["@id"] ?? values["id"] ?? ""
        if let orcid = id.split(separator: "/").last.map(String.init), ORCID.isValid(orcid) { author.orcid = orcid }
        author.email = values["email"].flatMap {
            $0.wholeMatch(of: /[^\s@<>]{1,64}@[A-Za-z0-9.-]{1,255}/) != nil ? $0 : nil
        }
        if !authors.contains(where: { $0.name == author.name }) { authors.append(author) }
    }

    private static func oneLine(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.utf8.count <= 250 ? words : String(words.prefix(60)) + "…"
    }
}
