/// JSON as people write it by hand: repaired to what the strict reader takes, each repair a finding.
///
/// Python's `True`, `False` and `None` outside of text, commas before a bracket, and commas that are missing. Lines
/// stay lines, so that what the strict reader says afterwards stands where the author finds it.
package struct LenientJSON {
    private enum Expectation { case key, colon, value, end }

    private struct Level {
        var isMap: Bool
        var expected: Expectation
        /// Where the last comma is in the output, when nothing came after it yet, and where it was written.
        var comma: (index: Int, place: Place)?
    }

    private let scalars: [Unicode.Scalar]
    private var findings: PackageFindings
    private var output: [Unicode.Scalar] = []
    private var position = 0
    private var line = 1
    private var lineStart = 0
    private var levels: [Level] = []
    /// Behind the last token in the output.
    private var lastEnd = 0

    private init(_ text: String, file: String) {
        scalars = Array(text.unicodeScalars)
        findings = PackageFindings(file: file)
    }

    /// The text as the strict reader takes it, as far as that can be had.
    package static func repair(_ text: String, file: String) -> (text: String, findings: [PackageFinding]) {
        guard text.utf8.count <= JSONSource.largestText else { return (text, []) }
        var reader = Self(text, file: file)
        while reader.position < reader.scalars.count { reader.step() }
        return (String(String.UnicodeScalarView(reader.output)), reader.findings.all)
    }

    /// Repairs and reads. The root is nil when there is an error among the findings.
    static func parse(_ text: String, file: String) -> (root: SourceNode?, findings: [PackageFinding]) {
        let (repaired, repairs) = repair(text, file: file)
        let (root, problems) = JSONSource.parse(repaired, file: file)
        return (root, repairs + problems.map { PackageFinding(root == nil ? .error : .warning, $0) })
    }

    private var place: Place { Place(line: line, column: position - lineStart + 1) }

    private mutating func take() {
        output.append(scalars[position])
        if scalars[position] == "\n" { (line, lineStart) = (line + 1, position + 1) }
        position += 1
    }

    private mutating func step() {
        switch scalars[position] {
        case " ", "\t", "\r", "\n": return take()
        case "\"":
            begin()
            text()
        case "{", "[":
            begin()
            let isMap = scalars[position] == "{"
            levels.append(Level(isMap: isMap, expected: isMap ? .key : .value))
            take()
        case "}", "]": close()
        case ",": comma()
        case ":":
            if levels.last?.isMap == true { levels[levels.count - 1].expected = .value }
            take()
        default: word()
        }
        lastEnd = output.count
    }

    /// A value or a key begins here: the comma before it may be missing.
    private mutating func begin() {
        guard var level = levels.popLast() else { return }
        if level.expected == .end {
            findings.add(.warning, place, "", "a comma is missing before this")
            if lastEnd < output.count, output[lastEnd] == " " || output[lastEnd] == "\t" {
                output[lastEnd] = ","
            } else {
                output.insert(",", at: lastEnd)
            }
            level.expected = level.isMap ? .key : .value
        }
        level.expected = level.expected == .key ? .colon : .end
        level.comma = nil
        levels.append(level)
    }

    private mutating func close() {
        if let comma = levels.popLast()?.comma {
            output[comma.index] = " "
            findings.add(.warning, comma.place, "", "a comma before \"\(scalars[position])\" has no meaning")
        }
        take()
    }

    private mutating func comma() {
        if var level = levels.popLast() {
            if level.expected == .end {
                level.comma = (output.count, place)
                level.expected = level.isMap ? .key : .value
            }
            levels.append(level)
        }
        take()
    }

    private mutating func text() {
        take()
        while position < scalars.count, scalars[position] != "\"" {
            if scalars[position] == "\\", position + 1 < scalars.count { take() }
            take()
        }
        if position < scalars.count { take() }
    }

    private mutating func word() {
        begin()
        let start = place
        var word = String.UnicodeScalarView()
        while position < scalars.count, !",]} \t\r\n:[{\"".unicodeScalars.contains(scalars[position]) {
            word.append(scalars[position])
            take()
        }
        let python = ["True": "true", "False": "false", "None": "null"]
        guard let right = python[String(word)] else { return }
        output.replaceSubrange((output.count - word.count)..., with: right.unicodeScalars)
        findings.add(
            .warning, start, "", "is Python, not JSON", found: SourceNode.quoted(String(word)), allowed: right)
    }
}
