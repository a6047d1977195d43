import RucheCore

/// Which lines of a console are wanted.
package struct LogSelection: Hashable, Sendable {
    /// Lines of `tail` at most.
    package static let tailLimit = 100_000

    /// Number of the first line, counted among those that fit.
    package var from = 0
    /// Only so many of the newest; what comes later is not counted.
    package var tail: Int?
    /// Only lines of this time or later, milliseconds since 1970.
    package var since: Int64?
    /// `stdout` or `stderr`; nil for both.
    package var stream: String?
    /// The `position` of a line: only what comes after it.
    package var after: Int64?
    /// At most so many.
    package var limit: Int?

    package init() {}

    func fits(_ line: ConsoleLine) -> Bool {
        if let stream, line.stream != stream { return false }
        // What has no time is a fault of the log, which is better shown.
        if let since, let time = Timestamp.milliseconds(line.time), time < since { return false }
        return true
    }
}
