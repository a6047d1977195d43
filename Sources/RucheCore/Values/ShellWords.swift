/// A command line split as a POSIX shell splits words (2.2 "Quoting" and 2.3 "Token Recognition"), without any
/// expansion: `$`, `*` and `|` are plain characters.
package enum ShellWords {
    /// The words, or nil when a quote is not closed or a backslash ends the text.
    package static func split(_ line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = line[...]
        while let character = rest.popFirst() {
            switch (character, quote) {
            case (let end, let open?) where end == open: quote = nil
            case ("\\", "\""?):
                guard let next = rest.popFirst() else { return nil }
                if next != "\n" { word = (word ?? "") + ("\"\\$`".contains(next) ? "\(next)" : "\\\(next)") }
            case ("\\", nil):
                guard let next = rest.popFirst() else { return nil }
                if next != "\n" { word = (word ?? "") + "\(next)" }
            case ("'", nil), ("\"", nil):
                quote = character
                word = word ?? ""
            case (" ", nil), ("\t", nil), ("\n", nil), ("\r\n", nil):
                if let word { words.append(word) }
                word = nil
            default: word = (word ?? "") + "\(character)"
            }
        }
        guard quote == nil else { return nil }
        if let word { words.append(word) }
        return words
    }
}
