/// Global options before the command, as in `ruche --data DIR image list`: the parser wants them after it.
enum LeadingOptions {
    private static let flags: Set = ["--json", "--quiet", "-q", "--no-color"]
    private static let valued: Set = ["--data", "--server", "--token-file"]

    /// The arguments with leading global options moved to the end, or before `--`.
    static func rewrite(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var leading: [String] = []
        while let word = rest.first {
            let name = word.prefix { $0 != "=" }
            let count =
                flags.contains(word) || (valued.contains(String(name)) && name != word)
                ? 1 : valued.contains(word) ? 2 : 0
            guard count > 0, rest.count > count else { break }
            leading += rest.prefix(count)
            rest = rest.dropFirst(count)
        }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return rest[..<end] + leading + rest[end...]
    }
}
