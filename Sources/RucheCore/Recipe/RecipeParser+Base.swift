extension RecipeParser {
    private static let baseRule =
        "debian:SUITE, owner/name[:version], oci:PATH[:tag], docker-archive:PATH[:tag], tar:PATH or packer:PATH"
    private static let suites = [
        "bookworm", "bullseye", "buster", "duke", "forky", "oldoldstable", "oldstable", "sid", "stable", "testing",
        "trixie", "unstable",
    ]

    /// `from:`.
    mutating func base(_ node: SourceNode?) -> BaseReference? {
        guard let node, let text = source.value(node, "from", allowed: Self.baseRule, { $0 }) else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].contains("/") else { return environment(text, node) }
        switch parts[0] {
        case "debian": return debian(parts[1], node)
        case "oci": return local(parts[1], node).map { .ociLayout(path: $0.path, tag: $0.tag) }
        case "docker-archive": return local(parts[1], node).map { .dockerArchive(path: $0.path, tag: $0.tag) }
        case "tar": return relative(parts[1], node).map { .rootTarball(path: $0) }
        case "packer": return relative(parts[1], node).map { .packerTemplate(path: $0) }
        default:
            let kinds = ["debian", "oci", "docker-archive", "tar", "packer"]
            source.report(
                node.place, "from", "\"\(parts[0].prefix(40))\" is no kind of base", found: node.summary,
                allowed: Self.baseRule,
                suggestion: Spelling.nearest(parts[0], among: kinds).map { "\($0):\(parts[1])" })
            return nil
        }
    }

    private mutating func debian(_ suite: String, _ node: SourceNode) -> BaseReference? {
        let nearest = Spelling.nearest(suite, among: Self.suites)
        guard suite.wholeMatch(of: /[a-z][a-z0-9-]{1,31}/) != nil, nearest == nil || nearest == suite else {
            source.report(
                node.place, "from", "is not a suite of Debian", found: node.summary, allowed: "debian:SUITE",
                suggestion: nearest.map { "debian:\($0)" })
            return nil
        }
        return .debian(suite: suite)
    }

    private mutating func environment(_ text: String, _ node: SourceNode) -> BaseReference? {
        do {
            _ = try ReleaseReference(parsing: text)
            return .environment(text)
        } catch {
            let message = (error as? RucheError)?.message ?? "is not valid"
            source.report(node.place, "from", message, found: node.summary, allowed: Self.baseRule)
            return nil
        }
    }

    /// `PATH[:tag]`; what follows the last colon is a tag when it has the form of one.
    private mutating func local(_ text: String, _ node: SourceNode) -> (path: String, tag: String?)? {
        guard let colon = text.lastIndex(of: ":"), ReleaseReference.isTag(String(text[text.index(after: colon)...]))
        else {
            return relative(text, node).map { ($0, nil) }
        }
        return relative(String(text[..<colon]), node).map { ($0, String(text[text.index(after: colon)...])) }
    }

    private mutating func relative(_ text: String, _ node: SourceNode) -> String? {
        guard let path = PathSyntax.relative(text) else {
            source.report(
                node.place, "from", "the path leaves the recipe's folder or is not valid", found: node.summary,
                allowed: PathSyntax.relativeRule)
            return nil
        }
        return path
    }
}
