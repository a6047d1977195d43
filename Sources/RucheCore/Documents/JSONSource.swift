/// Reads JSON (RFC 8259) strictly into nodes with places, keys in the order they were written.
///
/// The first error ends it: after a wrong bracket nothing that follows can be trusted.
enum JSONSource {
    static let largestText = 1 << 20
    static let deepest = 32

    static func parse(_ text: String, file: String) -> (root: SourceNode?, problems: [Problem]) {
        if let problem = TextLimits.problem(text, file: file, largest: largestText) { return (nil, [problem]) }
        var reader = Reader(scalars: Array(text.unicodeScalars))
        do {
            let root = try reader.document()
            let repeated = reader.repeated.map { key, path, place in
                Problem(
                    file: file, line: place.line, column: place.column, path: path,
                    message: "the key is given twice", found: SourceNode.quoted(key))
            }
            return (root, repeated)
        } catch {
            let place = reader.place
            return (
                nil,
                [
                    Problem(
                        file: file, line: place.line, column: place.column, path: "",
                        message: "not valid JSON: \(error.message)", found: reader.found)
                ]
            )
        }
    }

    private struct Failure: Error {
        var message: String
    }

    private struct Reader {
        let scalars: [Unicode.Scalar]
        var position = 0
        var line = 1
        var lineStart = 0
        var repeated: [(key: String, path: String, place: Place)] = []

        init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

        var place: Place { Place(line: line, column: position - lineStart + 1) }
        var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

        /// The word or sign at the position, for a message.
        var found: String {
            guard let next else { return "the end of the file" }
            let word = scalars[position...].prefix(20).prefix { $0.properties.isAlphabetic }
            return SourceNode.quoted(word.isEmpty ? String(next) : String(String.UnicodeScalarView(word)))
        }

        mutating func document() throws(Failure) -> SourceNode {
            if next == "\u{FEFF}" { position += 1 }
            let root = try value(path: "", depth: 0)
            skipSpace()
            if next != nil { throw Failure(message: "text after the end of the document") }
            return root
        }

        mutating func skipSpace() {
            while let scalar = next, " \t\r\n".unicodeScalars.contains(scalar) {
                position += 1
                if scalar == "\n" { (line, lineStart) = (line + 1, position) }
            }
        }

        mutating func value(path: String, depth: Int) throws(Failure) -> SourceNode {
            guard depth <= JSONSource.deepest else {
                throw Failure(message: "nested deeper than \(JSONSource.deepest) levels")
            }
            skipSpace()
            let start = place
            switch next {
            case "{": return SourceNode(content: .map(try map(path: path, depth: depth)), place: start)
            case "[": return SourceNode(content: .list(try list(path: path, depth: depth)), place: start)
            case "\"": return SourceNode(content: .scalar(try string(), isPlain: false), place: start)
            default: return SourceNode(content: .scalar(try word(), isPlain: true), place: start)
            }
        }

        private mutating func map(path: String, depth: Int) throws(Failure) -> [SourceNode.Entry] {
            position += 1
            var entries: [SourceNode.Entry] = []
            var seen: Set<String> = []
            skipSpace()
            if take("}") { return entries }
            while true {
                skipSpace()
                guard next == "\"" else { throw Failure(message: "expected a key in double quotes") }
                let keyPlace = place
                let key = try string()
                let keyPath = SourceReader.join(path, key)
                skipSpace()
                guard take(":") else { throw Failure(message: "expected \":\" after a key") }
                let entry = SourceNode.Entry(
                    key: key, keyPlace: keyPlace, value: try value(path: keyPath, depth: depth + 1))
                if seen.insert(key).inserted {
                    entries.append(entry)
                } else {
                    repeated.append((key, keyPath, keyPlace))
                }
                if try isEnd("}") { return entries }
            }
        }

        private mutating func list(path: String, depth: Int) throws(Failure) -> [SourceNode] {
            position += 1
            var items: [SourceNode] = []
            skipSpace()
            if take("]") { return items }
            while true {
                items.append(try value(path: "\(path)[\(items.count)]", depth: depth + 1))
                if try isEnd("]") { return items }
            }
        }

        /// After an item: true at the closing bracket, false after a comma with something behind it.
        private mutating func isEnd(_ bracket: Unicode.Scalar) throws(Failure) -> Bool {
            skipSpace()
            if take(bracket) { return true }
            guard take(",") else { throw Failure(message: "expected \",\" or \"\(bracket)\"") }
            skipSpace()
            if next == bracket { throw Failure(message: "a comma before \"\(bracket)\"") }
            return false
        }

        private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            guard next == scalar else { return false }
            position += 1
            return true
        }

        /// A number, true, false or null.
        private mutating func word() throws(Failure) -> String {
            let text = String(
                String.UnicodeScalarView(scalars[position...].prefix { !",]} \t\r\n:[{\"".unicodeScalars.contains($0) })
            )
            let isNumber = text.wholeMatch(of: /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/) != nil
            guard isNumber || ["true", "false", "null"].contains(text) else {
                let hints = ["True": "true", "False": "false", "None": "null"]
                let hint = hints[text].map { "; write \($0)" } ?? ""
                throw Failure(message: "expected a value" + hint)
            }
            position += text.unicodeScalars.count
            return text
        }

        private mutating func string() throws(Failure) -> String {
            position += 1
            var result = String.UnicodeScalarView()
            while let scalar = next, scalar != "\"" {
                if scalar.value < 32 { throw Failure(message: "a line break or tab inside text") }
                position += 1
                result.append(scalar == "\\" ? try escaped() : scalar)
            }
            guard take("\"") else { throw Failure(message: "text without a closing quote") }
            return String(result)
        }

        private mutating func escaped() throws(Failure) -> Unicode.Scalar {
            let simple: [Unicode.Scalar: Unicode.Scalar] = [
                "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
            ]
            guard let scalar = next else { throw Failure(message: "text without a closing quote") }
            position += 1
            if let plain = simple[scalar] { return plain }
            guard scalar == "u", let high = hex() else {
                position -= 1
                throw Failure(message: "unknown escape in text")
            }
            if let single = Unicode.Scalar(high) { return single }
            guard (0xD800..<0xDC00).contains(high), take("\\"), take("u"), let low = hex(),
                (0xDC00..<0xE000).contains(low),
                let pair = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
            else { throw Failure(message: "half a surrogate pair in text") }
            return pair
        }

        private mutating func hex() -> UInt32? {
            let digits = scalars[position...].prefix(4)
            guard digits.count == 4, digits.allSatisfy(\.properties.isASCIIHexDigit) else { return nil }
            position += 4
            return UInt32(String(String.UnicodeScalarView(digits)), radix: 16)
        }
    }
}
