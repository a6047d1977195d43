import RucheCore
import Testing

@Suite struct ProgressEstimateTests {
    private func estimate(_ runs: [(Double, Int64)], inputBytes: Int64 = 100) -> ProgressEstimate {
        ProgressEstimate(inputBytes: inputBytes, earlier: runs.map { .init(seconds: $0.0, inputBytes: $0.1) })
    }

    @Test func nothingKnownGivesNothing() {
        #expect(estimate([]).seconds(elapsed: 10, fraction: nil) == nil)
        #expect(estimate([]).seconds(elapsed: 10, fraction: 0.001) == nil)
        #expect(estimate([]).seconds(elapsed: 0, fraction: 0.5) == nil)
    }

    @Test func progressAloneIsExtrapolated() {
        #expect(estimate([]).seconds(elapsed: 10, fraction: 0.25) == 40)
        #expect(estimate([]).seconds(elapsed: 10, fraction: 1) == 10)
    }

    @Test func earlierRunsAloneGiveTheirMedianScaledByTheInputs() {
        #expect(estimate([(10, 100), (30, 100), (20, 100)]).seconds(elapsed: 1, fraction: nil) == 20)
        #expect(estimate([(10, 100), (30, 100)]).seconds(elapsed: 1, fraction: nil) == 20)
        #expect(estimate([(10, 50)]).seconds(elapsed: 1, fraction: nil) == 20)
        #expect(estimate([(10, 0)]).seconds(elapsed: 1, fraction: nil) == 10, "no inputs to compare")
        #expect(estimate([(1, 1)], inputBytes: 1 << 40).seconds(elapsed: 1, fraction: nil) == 100, "scaled no further")
    }

    @Test func whatTakesLongerThanEverHasNoEnd() {
        #expect(estimate([(10, 100)]).seconds(elapsed: 11, fraction: nil) == nil)
    }

    @Test func itsOwnProgressCountsTheMoreTheMoreIsDone() {
        let known = estimate([(100, 100)])
        #expect(known.seconds(elapsed: 10, fraction: 0.5) == 60)  // 20 by itself, 100 by the others
        #expect(known.seconds(elapsed: 10, fraction: 1) == 10)
        #expect(estimate([(1, 100)]).seconds(elapsed: 10, fraction: 0.1) ?? 0 >= 10, "never in the past")
    }
}
