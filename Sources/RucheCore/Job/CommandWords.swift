/// Splits a command line into words as a POSIX shell does (IEEE 1003.1, 2.2 "Quoting"), without any expansion.
package enum CommandWords {
    /// Throws `invalid_input` for a quote or backslash that is not closed, or a line without words.
    package static func split(_ line: String) throws -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = Substring(line)
        while let character = rest.popFirst() {
            switch (character, quote) {
            case ("'", "'"), ("\"", "\""): quote = nil
            case (_, "'"): word = (word ?? "") + String(character)
            case ("'", nil), ("\"", nil):
                quote = character
                word = word ?? ""
            case ("\\", _):
                guard let next = rest.popFirst() else { throw unfinished(line, "a backslash") }
                // Inside double quotes a backslash is itself before anything but these.
                let keeps = quote == "\"" && !"\"\\$`\n".contains(next)
                if next != "\n" { word = (word ?? "") + (keeps ? "\\" : "") + String(next) }
            case (" ", nil), ("\t", nil), ("\n", nil):
                if let finished = word { words.append(finished) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        if let quote { throw unfinished(line, "the quote \(quote)") }
        if let word { words.append(word) }
        guard words.first?.isEmpty == false else {
            throw RucheError(.invalidInput, "the command \"\(line)\" has no program")
        }
        return words
    }

    private static func unfinished(_ line: String, _ what: String) -> RucheError {
        RucheError(.invalidInput, "\(what) in the command \"\(line)\" is not closed")
    }
}
