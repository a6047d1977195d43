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

    /// The wait after so many failures in a row, between four and six fifths of the doubling time.
    package func delay(failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let plain = min(longest.seconds, first.seconds * Double(1 << min(max(0, failures - 1), 30)))
        return .seconds(plain * Double.random(in: 0.8...1.2, using: &generator))
    }
}
