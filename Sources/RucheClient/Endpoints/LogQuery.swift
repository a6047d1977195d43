/// Which lines of a job's log are wanted.
package struct LogQuery: Hashable, Sendable {
    /// Number of the first line.
    package var from: Int?
    /// Only so many of the newest.
    package var tail: Int?
    /// Milliseconds since 1970.
    package var since: Int64?
    /// `stdout` or `stderr`.
    package var stream: String?
    /// The `position` of the last line seen.
    package var after: Int64?

    package init() {}

    /// The same after a line: what comes later has nothing more to do with where the reading began.
    func continued(after position: Int64) -> LogQuery {
        var query = LogQuery()
        query.stream = stream
        query.after = position
        return query
    }

    func items(follow: Bool) -> [(String, String?)] {
        [
            ("follow", follow ? "true" : nil), ("from", from.flatMap { $0 > 0 ? "\($0)" : nil }),
            ("tail", tail.map { "\($0)" }), ("since", since.map { "\($0)" }), ("stream", stream),
            ("after", after.map { "\($0)" }),
        ]
    }
}
