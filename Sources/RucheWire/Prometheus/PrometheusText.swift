package import RucheCore

/// Figures in Prometheus' text format, version 0.0.4.
package struct PrometheusText: Sendable {
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    package enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    package private(set) var text = ""

    package init() {}

    /// One figure with its values, each with its labels. A figure without values is left out.
    package mutating func add(
        _ kind: Kind, _ name: String, _ help: String, _ values: [(labels: [(String, String)], value: Double)]
    ) {
        guard !values.isEmpty else { return }
        head(kind, name, help)
        for (labels, value) in values { line(name, labels, value) }
    }

    package mutating func add(_ kind: Kind, _ name: String, _ help: String, _ value: Double?) {
        if let value { add(kind, name, help, [([], value)]) }
    }

    /// A histogram for each set of labels.
    package mutating func add(
        _ name: String, _ help: String, _ values: [(labels: [(String, String)], histogram: Histogram)]
    ) {
        guard !values.isEmpty else { return }
        head(.histogram, name, help)
        for (labels, histogram) in values {
            for (bound, count) in histogram.cumulative {
                let edge = bound.isInfinite ? "+Inf" : Self.number(bound)
                line(name + "_bucket", labels + [("le", edge)], Double(count))
            }
            line(name + "_sum", labels, histogram.sum)
            line(name + "_count", labels, Double(histogram.count))
        }
    }

    private mutating func head(_ kind: Kind, _ name: String, _ help: String) {
        text += "# HELP \(name) \(help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n"))\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: Double) {
        let inner = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
        text += labels.isEmpty ? name : "\(name){\(inner)}"
        text += " \(Self.number(value))\n"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
