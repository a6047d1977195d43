import Foundation

/// Times in the forms that Debian's archive and OCI write.
enum SnapshotTime {
    /// Seconds since 1970 of `YYYYMMDDTHHMMSSZ`, or nil.
    static func seconds(_ text: String) -> Int64? {
        guard let match = text.wholeMatch(of: /([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z/) else {
            return nil
        }
        let parts = [match.1, match.2, match.3, match.4, match.5, match.6].compactMap { Int64($0) }
        guard parts.count == 6, (1...12).contains(parts[1]), (1...31).contains(parts[2]), parts[3] < 24, parts[4] < 60
        else { return nil }
        return days(parts[0], parts[1], parts[2]) * 86400 + parts[3] * 3600 + parts[4] * 60 + parts[5]
    }

    /// Seconds of the `Date:` field of a Release file, such as `Sat, 09 Nov 2024 10:06:02 UTC` (RFC 5322 dates).
    static func release(_ text: String) -> Int64? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard
            let match = text.firstMatch(
                of: /([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) +([0-9]{1,2}):([0-9]{2}):([0-9]{2})/),
            let month = months.firstIndex(of: String(match.2)), let day = Int64(match.1), let year = Int64(match.3),
            let hour = Int64(match.4), let minute = Int64(match.5), let second = Int64(match.6)
        else { return nil }
        return days(year, Int64(month) + 1, day) * 86400 + hour * 3600 + minute * 60 + second
    }

    /// RFC 3339 in UTC, as OCI's `created` wants it.
    static func rfc3339(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }

    /// Seconds of an RFC 3339 time, or nil; fractions are dropped.
    static func parse(_ text: String) -> Int64? {
        let plain = text.replacing(/\.[0-9]+/, with: "")
        // A time of another form is no time: the caller has a default.
        guard let date = try? Date(plain, strategy: .iso8601) else { return nil }
        return Int64(date.timeIntervalSince1970)
    }

    /// Days since 1970-01-01 in the Gregorian calendar.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension SnapshotTime {
    /// `YYYYMMDDHHMM`, as image lists number their images.
    static func serial(_ seconds: Int64) -> String {
        String(rfc3339(seconds).filter { $0.isNumber }.prefix(12))
    }
}
