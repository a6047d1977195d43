import RucheCore

/// A time as people give it: a moment, or how long ago.
enum SinceTime {
    private static let units: [Character: Int64] = ["s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]

    /// Milliseconds since 1970. Throws `invalid_input`.
    static func parse(_ text: String, now: Int64) throws -> Int64 {
        if let time = Timestamp.milliseconds(text) { return time }
        if let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()), number >= 0,
            number <= 1_000_000
        {
            return max(0, now - number * unit)
        }
        throw RucheError(
            .invalidInput, "\"\(text)\" is no time: write 2026-01-31T12:00:00Z, or 90s, 10m, 2h, 1d for so long ago")
    }
}
