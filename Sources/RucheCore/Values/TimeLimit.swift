extension Duration {
    /// Reads `90`, `90s`, `15m`, `2h`, `7d` (a bare number is seconds); nil for anything else.
    package init?(parsing text: some StringProtocol) {
        guard let match = String(text).wholeMatch(of: /([0-9]{1,9})([smhd]?)/), let number = Int64(match.output.1)
        else { return nil }
        let units: [Substring: Int64] = ["": 1, "s": 1, "m": 60, "h": 3600, "d": 86400]
        self = .seconds(number * (units[match.output.2] ?? 1))
    }

    /// Seconds with their fraction.
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
