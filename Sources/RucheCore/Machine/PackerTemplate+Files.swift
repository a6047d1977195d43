extension PackerTemplate {
    /// Keys whose value can be nothing but a file or folder of the build machine (Packer 1.6, of all its builders,
    /// provisioners and post-processors).
    private static let fileKeys: Set<String> = [
        "command_file", "cookbook_paths", "floppy_dirs", "galaxy_file", "group_vars", "host_vars", "http_directory",
        "inventory_directory", "inventory_file", "playbook_dir", "playbook_file", "playbook_files", "playbook_paths",
        "requirements_file", "role_paths", "script", "scripts", "ssh_certificate_file", "ssh_private_key_file",
        "vagrantfile_template",
    ]
    /// Those whose files read others beside them, by names that only Ansible resolves.
    private static let playbookKeys: Set<String> = ["playbook_file", "playbook_files"]
    /// Where something is written.
    private static let outputKeys: Set<String> = ["output", "output_directory", "target"]

    /// Files and folders that the template names with `values` as its variables, by the folder that it is in (below
    /// the recipe's). What a function of the template puts together, and what scripts name, is not among them.
    package func files(in folder: String, values: [String: String]) -> [NamedFile] {
        var found: [NamedFile] = []
        for text in texts where text.isLocal && !Self.outputKeys.contains(text.key) {
            guard let name = resolved(text.text, values), !name.isEmpty, !name.contains("\n") else { continue }
            guard var path = Self.path(name, in: folder) else { continue }
            let isUpload = text.key == "source" && text.keyPath.hasPrefix("provisioners")
            found.append(
                NamedFile(
                    path: path, keyPath: text.keyPath, place: text.place,
                    isNeeded: (Self.fileKeys.contains(text.key) || isUpload) && !name.contains { "*?[".contains($0) }))
            guard Self.playbookKeys.contains(text.key) else { continue }
            path = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) : "."
            found.append(NamedFile(path: path, keyPath: text.keyPath, place: text.place, isNeeded: true))
        }
        return found
    }

    /// What stands against running it with the contract, as far as its text tells. `values` are of files and of the
    /// recipe.
    package func problems(_ contract: PackerContract, in folder: String, values: [String: String]) -> [Problem] {
        var found: [Problem] = []
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            guard values[name] == nil, !contract.secrets.contains(name) else { continue }
            let path = SourceReader.join("variables", name)
            let allowed = "a value in packer.variables of the recipe"
            if value == nil {
                found.append(problem(places[name], path, "has no value", allowed: allowed))
            } else if let match = value?.firstMatch(of: /\{\{-?\s*env\s*[`"]([^`"]*)[`"]/) {
                found.append(
                    problem(
                        places[name], path, "is taken from the environment, and a build has a clean one",
                        found: SourceNode.quoted(String(match.1)), allowed: allowed))
            }
        }
        for text in texts where text.isLocal {
            guard let name = resolved(text.text, values, keepsRest: true) else { continue }
            let isUpload = text.key == "source" && text.keyPath.hasPrefix("provisioners")
            if Self.outputKeys.contains(text.key), name.hasPrefix("/") || name.split(separator: "/").contains("..") {
                found.append(
                    problem(
                        text.place, text.keyPath, "leads out of the folder that the build gives to Packer",
                        found: SourceNode.quoted(name), allowed: "a relative path, without \"..\""))
            } else if Self.fileKeys.contains(text.key) || isUpload, !name.hasPrefix("/"), !name.contains("{{"),
                Self.path(name, in: folder) == nil
            {
                found.append(
                    problem(
                        text.place, text.keyPath, "leads out of the recipe's folder, which is all that a build has",
                        found: SourceNode.quoted(name), allowed: PathSyntax.relativeRule))
            }
        }
        return found
    }

    /// Names in the recipe that the template does not know, each with its key path in the recipe.
    package func unknownNames(_ contract: PackerContract) -> [(keyPath: String, message: String, allowed: String)] {
        var found: [(keyPath: String, message: String, allowed: String)] = []
        let names = builders.map(\.name)
        if let builder = contract.builder {
            if !names.contains(builder) {
                found.append(("packer.builder", "is no builder of the template", names.joined(separator: ", ")))
            }
        } else if names.count > 1 {
            found.append(
                (
                    "packer", "the template has \(names.count) builders, and one is run",
                    "builder: one of \(names.joined(separator: ", "))"
                ))
        }
        let known = variables.keys.sorted().joined(separator: ", ")
        for name in contract.variables.keys.sorted() where variables[name] == nil {
            found.append((SourceReader.join("packer.variables", name), "is no variable of the template", known))
        }
        for (index, name) in contract.secrets.enumerated() where variables[name] == nil {
            found.append(("packer.secrets[\(index)]", "is no variable of the template", known))
        }
        return found
    }

    /// The text with variables put in; nil where it says something that only Packer knows, unless that is kept.
    private func resolved(_ text: String, _ values: [String: String], keepsRest: Bool = false) -> String? {
        guard text.utf8.count <= 4096 else { return nil }
        var result = text.replacing(/\{\{-?\s*user\s*[`"]([^`"]*)[`"]\s*-?\}\}/) { match in
            let name = String(match.output.1)
            return values[name] ?? variables[name].flatMap(\.self) ?? ""
        }
        result = result.replacing(/\{\{-?\s*(?:template_dir|pwd)\s*-?\}\}/, with: ".")
        return keepsRest || !result.contains("{{") ? result : nil
    }

    /// Below the recipe's folder; nil for what is no path in it.
    private static func path(_ name: String, in folder: String) -> String? {
        guard !name.hasPrefix("/"), name.utf8.count <= 1024, !name.contains("://") else { return nil }
        var parts = folder == "." ? [] : folder.split(separator: "/").map(String.init)
        for part in name.split(separator: "/") where part != "." {
            if part == ".." {
                guard parts.popLast() != nil else { return nil }
            } else {
                // Names of several files: what they are in is taken whole.
                if part.contains(where: { "*?[".contains($0) }) { break }
                parts.append(String(part))
            }
        }
        return PathSyntax.relative(parts.isEmpty ? "." : parts.joined(separator: "/"))
    }
}
