extension RecipeParser {
    /// `steps:`. A step with problems is left out.
    mutating func steps(_ node: SourceNode?) -> [Step] {
        guard let node else { return [] }
        guard let items = node.list else {
            source.reportType(node, "steps", allowed: "a list of steps")
            return []
        }
        if items.count > 500 {
            source.report(node.place, "steps", "too many steps", found: "\(items.count)", allowed: "at most 500")
        }
        return items.enumerated().compactMap { step($0.element, "steps[\($0.offset)]") }
    }

    private mutating func step(_ node: SourceNode, _ path: String) -> Step? {
        guard let fields = source.fields(node, path, RecipeKeys.step) else { return nil }
        let kinds = RecipeKeys.step.keys.filter { fields[$0] != nil }
        if (node.map ?? []).isEmpty || kinds.count > 1 {
            let found = kinds.isEmpty ? "an empty map" : kinds.joined(separator: ", ")
            source.report(
                node.place, path, "a step has exactly one kind", found: found,
                allowed: "one of \(RecipeKeys.step.keys.joined(separator: ", "))")
        }
        // Each kind is read, so that the problems below it are told too.
        var result: Step?
        for kind in kinds {
            guard let value = fields[kind] else { continue }
            let step = step(kind, value, "\(path).\(kind)")
            if let step { files += step.files(at: path).map { located($0, value) } }
            result = result ?? step
        }
        return kinds.count == 1 ? result : nil
    }

    /// The key path of a shell step's file tells the long form from the short one.
    private func located(_ file: RecipeFile, _ node: SourceNode) -> RecipeFile {
        guard file.keyPath.hasSuffix(".shell"), node.map != nil else { return file }
        var located = file
        located.keyPath += ".script"
        return located
    }

    private mutating func step(_ kind: String, _ node: SourceNode, _ path: String) -> Step? {
        switch kind {
        case "apt": apt(node, path).map(Step.apt)
        case "pip": pip(node, path).map(Step.pip)
        case "copy": copy(node, path).map(Step.copy)
        case "shell": shell(node, path).map(Step.shell)
        default: ansible(node, path).map(Step.ansible)
        }
    }

    // MARK: apt

    private mutating func apt(_ node: SourceNode, _ path: String) -> AptStep? {
        if node.list != nil { return aptPackages(node, path).map { AptStep(packages: $0) } }
        guard let fields = source.fields(node, path, RecipeKeys.apt) else { return nil }
        let packages = aptPackages(fields["packages"], fields.path("packages"))
        let recommends = source.boolean(fields["recommends"], fields.path("recommends"))
        return packages.map { AptStep(packages: $0, recommends: recommends ?? false) }
    }

    private mutating func aptPackages(_ node: SourceNode?, _ path: String) -> [String]? {
        let packages = source.list(node, path, of: "Debian packages", isEmptyAllowed: false) { source, node, path in
            Self.package(
                &source, node, path, rule: PackageSyntax.aptRule, PackageSyntax.isApt, PackageSyntax.aptSuggestion)
        }
        source.reportRepeated(node, path)
        return packages
    }

    private static func package(
        _ source: inout SourceReader, _ node: SourceNode, _ path: String, rule: String, _ isValid: (String) -> Bool,
        _ suggestion: (String) -> String?
    ) -> String? {
        guard let text = source.value(node, path, allowed: rule, { $0 }) else { return nil }
        if isValid(text) { return text }
        source.report(
            node.place, path, "is not a package", found: node.summary, allowed: rule, suggestion: suggestion(text))
        return nil
    }

    // MARK: pip

    private mutating func pip(_ node: SourceNode, _ path: String) -> PipStep? {
        if node.list != nil { return pipPackages(node, path).map { PipStep(packages: $0) } }
        guard let fields = source.fields(node, path, RecipeKeys.pip) else { return nil }
        var step = PipStep(packages: pipPackages(fields["packages"], fields.path("packages")) ?? [])
        step.requirements = relativePath(fields["requirements"], fields.path("requirements"))
        step.constraints = relativePath(fields["constraints"], fields.path("constraints"))
        step.venv = source.value(fields["venv"], fields.path("venv"), allowed: PathSyntax.absoluteRule) { text in
            PathSyntax.absolute(text).flatMap { $0 == "/" ? nil : $0 }
        }
        step.python = source.value(
            fields["python"], fields.path("python"), allowed: "a command such as python3.11, or an absolute path"
        ) { text in
            text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*/) != nil ? text : PathSyntax.absolute(text)
        }
        step.indexURL = source.value(fields["index_url"], fields.path("index_url"), allowed: URLSyntax.webRule) {
            URLSyntax.isWeb($0) ? $0 : nil
        }
        if fields["packages"] == nil, fields["requirements"] == nil {
            source.report(node.place, path, "nothing to install", allowed: "packages, requirements, or both")
            return nil
        }
        return step
    }

    private mutating func pipPackages(_ node: SourceNode?, _ path: String) -> [String]? {
        let packages = source.list(node, path, of: "Python requirements", isEmptyAllowed: false) { source, node, path in
            Self.package(
                &source, node, path, rule: PackageSyntax.pipRule, PackageSyntax.isPip, PackageSyntax.pipSuggestion)
        }
        source.reportRepeated(node, path)
        return packages
    }

    // MARK: copy

    private mutating func copy(_ node: SourceNode, _ path: String) -> CopyStep? {
        guard let fields = source.fields(node, path, RecipeKeys.copy) else { return nil }
        let from = relativePath(fields["from"], fields.path("from"))
        let to = source.value(fields["to"], fields.path("to"), allowed: PathSyntax.absoluteRule) {
            PathSyntax.absolute($0, keepsSlash: true)
        }
        let mode = source.value(
            fields["mode"], fields.path("mode"), allowed: "three or four octal digits in quotes, such as \"0755\""
        ) { $0.wholeMatch(of: /[0-7]{3,4}/) != nil ? UInt16($0, radix: 8) : nil }
        let owner = source.value(
            fields["owner"], fields.path("owner"), allowed: "a user's name or number, with :group if need be",
            isTakenAsWritten: true
        ) { Self.isOwner($0) ? $0 : nil }
        guard let from, let to else { return nil }
        return CopyStep(from: from, to: to, mode: mode, owner: owner)
    }

    // MARK: ansible

    private mutating func ansible(_ node: SourceNode, _ path: String) -> AnsibleStep? {
        guard let fields = source.fields(node, path, RecipeKeys.ansible) else { return nil }
        let playbook = relativePath(fields["playbook"], fields.path("playbook"))
        let roles = relativePath(fields["roles"], fields.path("roles"))
        var variables: [String: JSONValue] = [:]
        if let node = fields["extra_vars"] {
            if node.map == nil { source.reportType(node, fields.path("extra_vars"), allowed: "a map of variables") }
            for entry in node.map ?? [] {
                variables[entry.key] = entry.value.json
                guard entry.key.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) == nil else { continue }
                source.report(
                    entry.keyPlace, SourceReader.join(fields.path("extra_vars"), entry.key), "the name is not valid",
                    found: SourceNode.quoted(entry.key), allowed: "letters, digits and \"_\", not a digit first")
            }
        }
        return playbook.map { AnsibleStep(playbook: $0, roles: roles, extraVars: variables) }
    }

    /// A path beside the recipe.
    mutating func relativePath(_ node: SourceNode?, _ path: String) -> String? {
        source.value(node, path, allowed: PathSyntax.relativeRule) { PathSyntax.relative($0) }
    }
}
