import RucheCore

/// The failures of an engine that is asked how a container ends, and when its job is given up for them.
struct EngineFailures {
    /// Times that an engine may fail in a row.
    static let attempts = 12
    /// How long one may not answer: a daemon that is started anew may need minutes, and its containers go on meanwhile.
    static let patience = Duration.seconds(300)
    /// A question that stood so long was put to an engine that was there: one that is not fails sooner.
    private static let standing = Duration.seconds(90)

    private var failures = 0
    private var answers = 0
    private var awaySince: ContinuousClock.Instant?

    /// How long to wait before the question that was put at `start` is put again; nil when it is no use.
    mutating func pause(
        after error: any Error, askedAt start: ContinuousClock.Instant, tick: Duration,
        now: ContinuousClock.Instant = .now
    ) -> Duration? {
        if now - start > Self.standing { self = Self() }
        failures += 1
        if (error as? RucheError)?.code == .engineUnavailable {
            let since = awaySince ?? now
            awaySince = since
            guard now - since < Self.patience else { return nil }
        } else {
            answers += 1
            guard answers < Self.attempts else { return nil }
        }
        return min(tick * failures, .seconds(5))
    }
}
