/// When something that failed is tried again: soon, then ever later, never by everybody at the same time.
package struct RetrySchedule: Hashable, Sendable {
    package var first: Duration
    package var longest: Duration
    /// After so long without a success it is given up.
    package var giveUp: Duration

    package init(
        first: Duration = .seconds(5), longest: Duration = .seconds(6 * 3600), giveUp: Duration = .seconds(5 * 86_400)
    ) {
        self.first = first
        self.longest = longest
        self.giveUp = giveUp
    }

    /// Whether it is given up after so many failures in a row, the first of them so long ago.
    ///
    /// The time alone would be wrong when the clock is set forward, and never come when it is set back.
    package func isOver(failures: Int, since: Duration) -> Bool {
        let usual = usualFailures
        return (since >= giveUp && failures >= usual / 2) || failures >= usual * 2
    }

    /// How many there are until it is given up.
    private var usualFailures: Int {
        var (count, passed) = (1, 0.0)
        while passed < giveUp.seconds, count < 10_000 {
            passed += plainDelay(failures: count)
            count += 1
        }
        return count
    }

    private func plainDelay(failures: Int) -> Double {
        min(longest.seconds, first.seconds * Double(1 << min(max(0, failures - 1), 30)))
    }

    /// The wait after so many failures in a row, between four and six fifths of the doubling time.
    package func delay(failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        .seconds(plainDelay(failures: failures) * Double.random(in: 0.8...1.2, using: &generator))
    }
}
