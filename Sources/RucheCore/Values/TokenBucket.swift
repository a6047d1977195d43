/// How often something may happen: `burst` times at once, then `rate` times a second.
package struct TokenBucket: Hashable, Sendable {
    package let rate: Double
    package let burst: Double
    private var tokens: Double
    private var last: ContinuousClock.Instant

    package init(rate: Double, burst: Double, now: ContinuousClock.Instant) {
        self.rate = rate
        self.burst = burst
        tokens = burst
        last = now
    }

    /// Nil when it may happen now, which is then counted; else the time to wait.
    package mutating func take(now: ContinuousClock.Instant) -> Duration? {
        tokens = min(burst, tokens + max(0, (now - last).seconds) * rate)
        last = max(last, now)
        guard tokens >= 1 else { return .seconds((1 - tokens) / rate) }
        tokens -= 1
        return nil
    }
}
