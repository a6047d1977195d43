/// A size in bytes. Text is binary: `512M` and `512MiB` are 512 × 1024².
package struct ByteCount: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    package var bytes: Int64

    package init(_ bytes: Int64) { self.bytes = bytes }

    /// Reads `1048576`, `512k`, `512M`, `1.5G`, `2T`, with an optional `B` or `iB`; nil for anything else,
    /// a negative number, or one over 2⁶³ − 1.
    package init?(parsing text: some StringProtocol) {
        guard let match = String(text).wholeMatch(of: /([0-9]+(?:\.[0-9]+)?) ?([kKMGTP]?)(?:i?B)?/),
            let number = Double(match.output.1)
        else { return nil }
        let exponents: [Substring: Int] = ["": 0, "k": 1, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5]
        let value = (0..<(exponents[match.output.2] ?? 0)).reduce(number) { result, _ in result * 1024 }
        guard value < 9.2e18 else { return nil }
        bytes = Int64(value)
    }

    /// At most one decimal and a binary unit, such as `1.4 GiB`.
    package var description: String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        var value = Double(bytes)
        var unit = 0
        while abs(value) >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let tenths = Int64((value * 10).rounded())
        return tenths % 10 == 0 || unit == 0
            ? "\(tenths / 10) \(units[unit])" : "\(tenths / 10).\(abs(tenths % 10)) \(units[unit])"
    }

    package static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

    package init(from decoder: any Decoder) throws {
        bytes = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes)
    }
}
