/// An attempt at a job that failed and was followed by another. Times are milliseconds since 1970.
package struct JobAttempt: Hashable, Sendable, Codable {
    /// From 1.
    package var number: Int
    package var container: String
    package var startedAt: Int64?
    package var endedAt: Int64
    package var exit: JobExit

    package init(number: Int, container: String, startedAt: Int64?, endedAt: Int64, exit: JobExit) {
        self.number = number
        self.container = container
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.exit = exit
    }
}
