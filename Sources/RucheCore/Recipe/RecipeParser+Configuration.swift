extension RecipeParser {
    /// What the finished environment is set to, and where it is made from.
    mutating func configure(_ recipe: inout Recipe, _ fields: SourceFields) {
        recipe.mirror = source.value(fields["mirror"], "mirror", allowed: URLSyntax.mirrorRule) {
            URLSyntax.isMirror($0) ? $0 : nil
        }
        recipe.snapshot = source.value(
            fields["snapshot"], "snapshot", allowed: "a time in UTC as YYYYMMDDTHHMMSSZ, such as 20240601T000000Z"
        ) { Self.isSnapshot($0) ? $0 : nil }
        recipe.baseMaxAge = source.value(
            fields["base_max_age"], "base_max_age", allowed: "days, such as 30 or 30d, up to 3650",
            isTakenAsWritten: true
        ) { text in
            guard text.wholeMatch(of: /[0-9]{1,4}d?/) != nil else { return nil }
            return Int(text.hasSuffix("d") ? text.dropLast() : text[...]).flatMap { $0 <= 3650 ? $0 : nil }
        }
        recipe.architectures = architectures(fields["architectures"])
        recipe.env = environment(fields["env"], "env") ?? [:]
        recipe.workdir = source.value(fields["workdir"], "workdir", allowed: PathSyntax.absoluteRule) {
            PathSyntax.absolute($0)
        }
        recipe.user = source.value(
            fields["user"], "user", allowed: "a user's name or number, with :group if need be", isTakenAsWritten: true
        ) { Self.isOwner($0) ? $0 : nil }
        recipe.labels =
            source.texts(
                fields["labels"], "labels", keys: "names of letters, digits, \".\", \"_\", \"-\", \"/\"",
                isKey: { $0.wholeMatch(of: /[A-Za-z0-9](?:[A-Za-z0-9._\/-]{0,126}[A-Za-z0-9])?/) != nil }) ?? [:]
        recipe.tests =
            source.list(fields["tests"], "tests", of: "shell commands") { source, node, path in
                source.text(node, path, limit: 16384, isMultiline: true)
            } ?? []
        recipe.variants = variants(fields["variants"])
    }

    private mutating func architectures(_ node: SourceNode?) -> [String] {
        let otherNames = [
            "x86_64": "amd64", "x86-64": "amd64", "x64": "amd64", "aarch64": "arm64", "armv7l": "armhf", "i686": "i386",
            "x86": "i386", "ppc64le": "ppc64el",
        ]
        let all = source.list(node, "architectures", of: "architectures", isEmptyAllowed: false) { source, node, path in
            choice(
                &source, node, path, "is not an architecture of Debian", among: RecipeKeys.architectures,
                suggestion: node.scalar.flatMap { otherNames[$0.lowercased()] })
        }
        source.reportRepeated(node, "architectures")
        return all ?? ["amd64"]
    }

    private mutating func variants(_ node: SourceNode?) -> [VariantFormat] {
        let known = VariantFormat.allCases.map(\.rawValue)
        let all = source.list(node, "variants", of: "variants", isEmptyAllowed: false) { source, node, path in
            choice(&source, node, path, "is not a variant", among: known).flatMap(VariantFormat.init(rawValue:))
        }
        source.reportRepeated(node, "variants")
        return all ?? [.oci]
    }

    /// Variables of a process, whose names POSIX (XBD 8.1) limits.
    mutating func environment(_ node: SourceNode?, _ path: String) -> [String: String]? {
        source.texts(
            node, path, keys: "names of letters, digits and \"_\" that start with no digit",
            isKey: { $0.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]{0,254}/) != nil })
    }

    static func isOwner(_ text: String) -> Bool {
        text.wholeMatch(of: /(?:[a-z_][a-z0-9_-]{0,31}|[0-9]{1,9})(?::(?:[a-z_][a-z0-9_-]{0,31}|[0-9]{1,9}))?/) != nil
    }

    /// A point in time; Debian's archive is kept as it was since March 2005.
    private static func isSnapshot(_ text: String) -> Bool {
        guard let match = text.wholeMatch(of: /([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z/) else {
            return false
        }
        let parts = [match.output.1, match.output.2, match.output.3, match.output.4, match.output.5, match.output.6]
        let numbers = parts.compactMap { Int($0) }
        let isLeap = numbers[0] % 4 == 0 && (numbers[0] % 100 != 0 || numbers[0] % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return numbers[0] >= 2005 && (1...12).contains(numbers[1]) && (1...days[numbers[1] - 1]).contains(numbers[2])
            && numbers[3] < 24 && numbers[4] < 60 && numbers[5] < 60
    }
}

/// One of a few words.
func choice(
    _ source: inout SourceReader, _ node: SourceNode, _ path: String, _ message: String, among known: [String],
    suggestion: String? = nil
) -> String? {
    let allowed = known.joined(separator: ", ")
    guard let text = source.value(node, path, allowed: allowed, { $0 }) else { return nil }
    if known.contains(text) { return text }
    source.report(
        node.place, path, message, found: node.summary, allowed: allowed,
        suggestion: suggestion ?? Spelling.nearest(text, among: known))
    return nil
}
