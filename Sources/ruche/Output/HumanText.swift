import Foundation
import RucheCore

/// Numbers and times as people read them.
enum HumanText {
    static func size(_ bytes: Int64) -> String { ByteCount(bytes).description }
    static func size(_ bytes: UInt64) -> String { size(Int64(clamping: bytes)) }

    /// `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "?" }
        if seconds < 10 { return "\(tenths(seconds)) s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
        return "\(whole / 3600) h \(twoDigits(whole / 60 % 60)) min"
    }

    /// `just now`, `5 minutes ago`, `yesterday`; the date after thirty days. Both in milliseconds since 1970.
    static func ago(_ time: Int64, now: Int64) -> String {
        let seconds = (now - time) / 1000
        switch seconds {
        case ..<0: return "in the future"
        case ..<10: return "just now"
        case ..<60: return "\(seconds) seconds ago"
        case ..<3600: return plural(seconds / 60, "minute")
        case ..<86400: return plural(seconds / 3600, "hour")
        case ..<(30 * 86400): return plural(seconds / 86400, "day")
        default: return String(timestamp(time).prefix(10))
        }
    }

    /// RFC 3339 in UTC, to the second.
    static func timestamp(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601)
    }

    static func percent(_ fraction: Double) -> String {
        "\(Int((min(max(fraction, 0), 1) * 100).rounded(.down))) %"
    }

    static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private static func plural(_ number: Int64, _ unit: String) -> String {
        "\(number) \(unit)\(number == 1 ? "" : "s") ago"
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
