/// Makes a repeated key readable, so that one report can name it together with every other problem.
///
/// The YAML library stops at the first map with a repeated key and tells only where the key stands first. This
/// finds the later one and puts a word of the same length from Unicode's private use area in its place, so that
/// the text can be read and every column stays true; `replaced` tells which words those are.
struct DuplicateRepair {
    /// Beyond this the report is long enough.
    private static let mostRepairs = 20

    private var lines: [[Unicode.Scalar]]
    private(set) var replaced: [String: String] = [:]
    private var repairs = 0

    init(text: String) {
        lines = [[]]
        for scalar in text.unicodeScalars {
            if scalar == "\n" { lines.append([]) } else { lines[lines.count - 1].append(scalar) }
        }
    }

    var text: String {
        var view = String.UnicodeScalarView()
        for (index, line) in lines.enumerated() {
            if index > 0 { view.append("\n") }
            view.append(contentsOf: line)
        }
        return String(view)
    }

    /// Replaces the key's next use after `first`; false when there is none to be found.
    mutating func apply(key: String, first: Place) -> Bool {
        let word = Array(key.unicodeScalars)
        guard repairs < Self.mostRepairs, !word.isEmpty, let found = inBlock(word, first) ?? inFlow(word, first),
            let mark = Unicode.Scalar(0xE000 + UInt32(repairs))
        else { return false }
        repairs += 1
        let stand = Array(repeating: mark, count: word.count)
        lines[found.line].replaceSubrange(found.column..<found.column + word.count, with: stand)
        replaced[String(String.UnicodeScalarView(stand))] = key
        return true
    }

    /// Looks below for a line that starts at the same column with the key.
    private func inBlock(_ word: [Unicode.Scalar], _ first: Place) -> (line: Int, column: Int)? {
        let column = first.column - 1
        for index in lines.indices.dropFirst(first.line) {
            let line = lines[index]
            let indentation = line.prefix { $0 == " " }.count
            guard indentation < line.count, line[indentation] != "#", line[indentation] != "\r" else { continue }
            if indentation < column { return nil }
            if indentation == column, let found = key(word, in: line, at: column) { return (index, found) }
        }
        return nil
    }

    /// Looks behind, on the same line and those below, for the key after a comma.
    private func inFlow(_ word: [Unicode.Scalar], _ first: Place) -> (line: Int, column: Int)? {
        for index in lines.indices.dropFirst(first.line - 1) {
            let line = lines[index]
            let start = index == first.line - 1 ? first.column : 0
            for column in line.indices.dropFirst(start)
            where column == 0 || " ,\t".unicodeScalars.contains(line[column - 1]) {
                if let found = key(word, in: line, at: column) { return (index, found) }
            }
        }
        return nil
    }

    /// The column of the key's text when `line` has the key, quoted or not, and a colon at `column`.
    private func key(_ word: [Unicode.Scalar], in line: [Unicode.Scalar], at column: Int) -> Int? {
        var position = column
        let quote: Unicode.Scalar? =
            position < line.count && (line[position] == "\"" || line[position] == "'") ? line[position] : nil
        if quote != nil { position += 1 }
        let start = position
        guard line.dropFirst(position).starts(with: word) else { return nil }
        position += word.count
        if let quote {
            guard position < line.count, line[position] == quote else { return nil }
            position += 1
        }
        return line.dropFirst(position).first { $0 != " " } == ":" ? start : nil
    }
}
