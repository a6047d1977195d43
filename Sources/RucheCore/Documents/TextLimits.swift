/// What holds for every text document before it is parsed.
package enum TextLimits {
    /// Decodes UTF-8 strictly. The problem names the first byte that is none.
    package static func decode(_ bytes: [UInt8], file: String) -> (text: String?, problem: Problem?) {
        if let text = String(validating: bytes, as: UTF8.self) { return (text, nil) }
        // The repaired text has its first replacement character where the first wrong byte is, unless the
        // author wrote one before; then the place is that one, which is near enough.
        let repaired = String(decoding: bytes, as: UTF8.self)
        let index = repaired.unicodeScalars.firstIndex(of: "\u{FFFD}") ?? repaired.startIndex
        let place = place(of: index, in: repaired)
        return (
            nil,
            Problem(
                file: file, line: place.line, column: place.column, path: "", message: "the file is not UTF-8 text",
                allowed: "UTF-8")
        )
    }

    /// Too much text, or a control character in it.
    static func problem(_ text: String, file: String, largest: Int) -> Problem? {
        let size = text.utf8.count
        if size > largest {
            return Problem(file: file, path: "", message: "the file has \(size) bytes", allowed: "at most \(largest)")
        }
        let isControl = { (byte: UInt8) in (byte < 32 && byte != 9 && byte != 10 && byte != 13) || byte == 127 }
        guard let index = text.utf8.firstIndex(where: isControl) else { return nil }
        let place = place(of: index, in: text)
        return Problem(
            file: file, line: place.line, column: place.column, path: "",
            message: "a control character (byte \(text.utf8[index])) is not allowed")
    }

    static func place(of index: String.Index, in text: String) -> Place {
        let before = text.unicodeScalars[..<index]
        let line = before.count { $0 == "\n" } + 1
        let lineStart = before.lastIndex(of: "\n").map { before.index(after: $0) } ?? before.startIndex
        return Place(line: line, column: before[lineStart...].count + 1)
    }
}
