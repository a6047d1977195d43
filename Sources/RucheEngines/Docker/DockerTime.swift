import FoundationEssentials

/// Times as Docker's API writes them: RFC 3339 with up to nine digits of a second.
enum DockerTime {
    /// Seconds since 1970; nil for what is no time.
    static func seconds(_ text: String) -> Double? {
        guard let match = text.wholeMatch(of: /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)/),
            let whole = try? Date(String(match.output.1 + match.output.3), strategy: .iso8601)
        else { return nil }
        let fraction = match.output.2.flatMap { Double("0" + $0) } ?? 0
        return whole.timeIntervalSince1970 + fraction
    }

    /// The same time with nine digits and an offset in digits, as CRI logs have it. Takes and gives bytes, because
    /// every line of a log passes here; nil for what is no time.
    static func padded(_ time: ArraySlice<UInt8>) -> [UInt8]? {
        guard time.count >= 20, time[time.startIndex + 10] == UInt8(ascii: "T") else { return nil }
        let whole = time.prefix(19)
        var rest = time.dropFirst(19)
        var digits: [UInt8] = []
        if rest.first == UInt8(ascii: ".") {
            digits = Array(rest.dropFirst().prefix { (48...57).contains($0) })
            rest = rest.dropFirst(digits.count + 1)
        }
        digits = Array((digits + Array(repeating: 48, count: 9)).prefix(9))
        let offset = rest.first == UInt8(ascii: "Z") ? Array("+00:00".utf8) : Array(rest)
        return offset.count == 6 ? Array(whole) + Array(".".utf8) + digits + offset : nil
    }
}
