/// Rows under headings, in columns as wide as their widest cell.
struct TextTable: Sendable {
    struct Column: Sendable {
        var title: String
        var isNumber: Bool

        static func text(_ title: String) -> Self { Self(title: title, isNumber: false) }
        /// Aligned to the right.
        static func number(_ title: String) -> Self { Self(title: title, isNumber: true) }
    }

    var columns: [Column]
    var rows: [[String]]

    func lines() -> [StyledLine] {
        let cells = rows.map { row in row.map { Sanitized.line($0) } }
        let widths = columns.indices.map { index in
            ([columns[index].title.count] + cells.map { $0.indices.contains(index) ? $0[index].count : 0 }).max() ?? 0
        }
        let head = StyledLine(line(columns.map(\.title), widths), .bold)
        return [head] + cells.map { StyledLine(line($0, widths)) }
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var result = ""
        for (index, cell) in cells.enumerated() where index < widths.count {
            let padding = String(repeating: " ", count: widths[index] - cell.count)
            let isLast = index == cells.count - 1
            result += columns[index].isNumber ? padding + cell : cell + (isLast ? "" : padding)
            if !isLast { result += "  " }
        }
        return result
    }
}
