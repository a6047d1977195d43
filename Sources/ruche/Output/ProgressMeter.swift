/// A bar with rate and remaining time, from numbers and the time since the start. No I/O.
struct ProgressMeter: Sendable {
    enum Unit: Sendable { case bytes, parts }

    var label: String
    var unit: Unit
    /// Nil while it is not known.
    var total: Int64?
    var done: Int64 = 0
    /// What was done before this began; it says nothing of the rate.
    var before: Int64 = 0

    init(label: String, unit: Unit, total: Int64? = nil) {
        self.label = label
        self.unit = unit
        self.total = total
    }

    /// The bar after `elapsed` seconds.
    func line(elapsed: Double) -> StyledLine {
        var line = StyledLine(label + " ")
        let rate = elapsed > 0.2 ? Double(done - before) / elapsed : nil
        if let total, total > 0 {
            let fraction = Double(done) / Double(total)
            line.append(Self.bar(fraction), .cyan)
            line.append(" \(HumanText.percent(fraction))")
            if unit == .bytes { line.append("  \(HumanText.size(done)) of \(HumanText.size(total))", .dim) }
            if let rate, rate > 0 {
                if unit == .bytes { line.append("  \(HumanText.size(Int64(rate)))/s", .dim) }
                line.append("  \(HumanText.duration(Double(max(0, total - done)) / rate)) left", .dim)
            }
        } else {
            line.append(unit == .bytes ? HumanText.size(done) : "\(done)")
            if let rate, unit == .bytes { line.append("  \(HumanText.size(Int64(rate)))/s", .dim) }
            line.append("  \(HumanText.duration(elapsed))", .dim)
        }
        return line
    }

    static func bar(_ fraction: Double, width: Int = 24) -> String {
        let filled = Int((min(max(fraction.isFinite ? fraction : 0, 0), 1) * Double(width)).rounded(.down))
        return "[" + String(repeating: "=", count: filled) + (filled < width ? ">" : "")
            + String(repeating: " ", count: max(0, width - filled - 1)) + "]"
    }
}
