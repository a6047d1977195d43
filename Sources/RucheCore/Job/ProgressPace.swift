/// When a job's progress is told as an event: often in the beginning, ever less when it goes on and on, so that no job
/// fills the table of events. What comes between is told with the next event.
package struct ProgressPace: Hashable, Sendable {
    /// The shortest time between two events.
    private static let shortest = Duration.milliseconds(200)
    private static let longest = Duration.seconds(30)
    /// Events after which the time between two doubles.
    private static let step = 250

    private var told = 0
    private var last: ContinuousClock.Instant?
    private var hasEnded = false

    package init() {}

    /// The time that must be between the last event and the next.
    package var interval: Duration { min(Self.longest, Self.shortest * (1 << min(told / Self.step, 12))) }

    /// True when it may be told now, which is then counted. The last word waits for nothing, but there is only one.
    package mutating func tell(now: ContinuousClock.Instant, isLast: Bool = false) -> Bool {
        let isFree = isLast && !hasEnded
        if let last, now - last < interval, !isFree { return false }
        if isLast { hasEnded = true }
        last = now
        told += 1
        return true
    }
}
