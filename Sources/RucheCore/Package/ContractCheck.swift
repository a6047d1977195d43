extension PipelineContract {
    /// What is wrong with a contract that came from somewhere else, by the rules of a recipe.
    package func problems(file: String) -> [Problem] {
        var findings = PackageFindings(file: file)
        if ShellWords.split(job)?.first?.isEmpty ?? true {
            findings.add(.error, nil, "pipeline.job", "is no command line", found: SourceNode.quoted(job))
        }
        let folders = [("inputs", inputs), ("outputs", outputs), ("logs", logs), ("databases", databases)]
        for (index, (key, path)) in folders.enumerated() {
            let isOwned = ["/dev", "/proc", "/sys", "/run/ruche"].contains { PathSyntax.isSame(path, orBelow: $0) }
            if PathSyntax.absolute(path) != path || path == "/" || isOwned {
                findings.add(
                    .error, nil, "pipeline.\(key)", "is not valid", found: SourceNode.quoted(path),
                    allowed: PathSyntax.absoluteRule)
            }
            for (other, before) in folders[..<index]
            where PathSyntax.isSame(path, orBelow: before) || PathSyntax.isSame(before, orBelow: path) {
                findings.add(.error, nil, "pipeline.\(key)", "is the same as, in or around \(other)")
            }
        }
        return findings.all.errors
    }
}
