/// A row of small bars.
enum Sparkline {
    private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// One bar for each value, or for several when there are more than `width`: then the highest of them.
    static func text(_ values: [Double], width: Int = 60) -> String? {
        guard !values.isEmpty else { return nil }
        let count = min(width, values.count)
        let columns = (0..<count).map { column in
            values[(column * values.count / count)..<((column + 1) * values.count / count)].max() ?? 0
        }
        let highest = columns.max() ?? 0
        return String(
            columns.map { value in
                guard highest > 0, value > 0 else { return bars[0] }
                return bars[min(bars.count - 1, Int(value / highest * Double(bars.count - 1) + 0.5))]
            })
    }
}
