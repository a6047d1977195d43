extension RecipeParser {
    /// `shell:`. Text of one word is a file beside the recipe, other text is the script itself.
    mutating func shell(_ node: SourceNode, _ path: String) -> ShellStep? {
        guard node.map == nil else { return shellFields(node, path) }
        guard
            let text = source.text(node, path, limit: YAMLSource.largestScalar, isMultiline: true),
            !isBlank(text, node, path)
        else { return nil }
        guard !text.contains(where: \.isWhitespace) else { return ShellStep(source: .inline(text)) }
        return relativePath(node, path).map { ShellStep(source: .file($0)) }
    }

    private mutating func shellFields(_ node: SourceNode, _ path: String) -> ShellStep? {
        guard let fields = source.fields(node, path, RecipeKeys.shell) else { return nil }
        let script = relativePath(fields["script"], fields.path("script"))
        let run = source.text(
            fields["run"], fields.path("run"), limit: YAMLSource.largestScalar, isMultiline: true)
        if (fields["script"] == nil) == (fields["run"] == nil) {
            source.report(
                node.place, path, "needs one source", found: script == nil ? "none" : "script and run",
                allowed: "script: FILE or run: TEXT")
        }
        let interpreter = interpreter(fields["interpreter"], fields.path("interpreter"))
        let network = source.boolean(fields["network"], fields.path("network")) ?? false
        let env = environment(fields["env"], fields.path("env")) ?? [:]
        let inline = run.flatMap { isBlank($0, fields["run"] ?? node, fields.path("run")) ? nil : $0 }
        guard let origin = script.map(ShellStep.Source.file) ?? inline.map(ShellStep.Source.inline) else { return nil }
        var step = ShellStep(source: origin, network: network, env: env)
        if let interpreter { step.interpreter = interpreter }
        return step
    }

    private mutating func isBlank(_ text: String, _ node: SourceNode, _ path: String) -> Bool {
        guard text.allSatisfy(\.isWhitespace) else { return false }
        source.report(node.place, path, "the script is empty")
        return true
    }

    /// `"bash -e"` or `[bash, -e]`.
    private mutating func interpreter(_ node: SourceNode?, _ path: String) -> [String]? {
        guard let node else { return nil }
        let rule = "a command with its options, such as bash -e or [bash, -e]"
        if node.list != nil {
            return source.list(node, path, of: "words", isEmptyAllowed: false) { source, node, path in
                source.text(node, path, limit: 256, isTakenAsWritten: true)
            }
        }
        return source.value(node, path, allowed: rule) { text in
            ShellWords.split(text).flatMap { $0.isEmpty || $0[0].isEmpty ? nil : $0 }
        }
    }
}
