/// `--locked` and `--locked=FILE`: an option with a value that may be left out, which the parser has not.
enum LockedOption {
    /// The arguments with `--locked=FILE` as `--lock-file FILE`.
    static func rewrite(_ arguments: [String]) -> [String] {
        let prefix = "--locked="
        var result: [String] = []
        for (index, argument) in arguments.enumerated() {
            if argument == "--" { return result + arguments[index...] }
            if argument.hasPrefix(prefix) {
                result += ["--lock-file", String(argument.dropFirst(prefix.count))]
            } else {
                result.append(argument)
            }
        }
        return result
    }
}
