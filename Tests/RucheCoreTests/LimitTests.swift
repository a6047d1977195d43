import RucheCore
import Testing

@Suite struct LimitTests {
    @Test func aBucketGivesItsBurstAndThenItsRate() {
        let start = ContinuousClock.now
        var bucket = TokenBucket(rate: 2, burst: 3, now: start)
        let taken = (0..<5).map { _ in bucket.take(now: start) == nil }
        #expect(taken == [true, true, true, false, false])
        #expect(bucket.take(now: start) == .milliseconds(500))
        #expect(bucket.take(now: start + .milliseconds(600)) == nil)
        #expect(bucket.take(now: start + .seconds(3600)) == nil)
        #expect(
            (0..<5).filter { _ in bucket.take(now: start + .seconds(3600)) == nil }.count == 2, "never over its burst")
        #expect(bucket.take(now: start) != nil, "a clock that goes back gives nothing")
    }

    @Test func aJobThatTellsForADayTellsFewTimes() {
        let start = ContinuousClock.now
        var pace = ProgressPace()
        var told = 0
        for second in 0..<86_400 * 2 where pace.tell(now: start + .milliseconds(500 * second)) { told += 1 }
        #expect(told > 250 && told < 5000, "\(told)")
    }

    @Test func theLastWordOfAJobIsToldAtOnceButOnlyOne() {
        let start = ContinuousClock.now
        var pace = ProgressPace()
        let first = pace.tell(now: start)
        let soon = pace.tell(now: start + .milliseconds(1))
        let last = pace.tell(now: start + .milliseconds(2), isLast: true)
        let another = pace.tell(now: start + .milliseconds(3), isLast: true)
        #expect([first, soon, last, another] == [true, false, true, false])
        let later = pace.tell(now: start + .seconds(1), isLast: true)
        #expect(later, "what comes late enough is told in any case")
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-01-31T12:00:00.123456789Z", 1_769_860_800_123),
            ("2026-01-31T13:00:00.1+01:00", 1_769_860_800_100), ("2000-02-29T23:59:59-00:30", 951_870_599_000),
            ("2026-01-31", nil), ("2026-13-31T12:00:00Z", nil), ("2026-01-31T12:00:00", nil), ("nonsense", nil),
            ("2026-01-31T12:00:00.Z", nil), ("2026-01-31T12:00:00+0100", nil), ("", nil),
        ] as [(String, Int64?)])
    func timesAreRead(_ text: String, _ milliseconds: Int64?) {
        #expect(Timestamp.milliseconds(text) == milliseconds)
    }

    @Test func aHistogramCountsByUpperBounds() {
        var histogram = Histogram([1, 10])
        for value in [0.5, 1, 5, 100] { histogram.observe(value) }
        #expect(histogram.cumulative.map(\.count) == [2, 3, 4] && histogram.count == 4 && histogram.sum == 106.5)
    }
}
