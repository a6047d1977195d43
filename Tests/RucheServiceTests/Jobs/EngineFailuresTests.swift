import RucheCore
import Testing

@testable import RucheService

struct EngineFailuresTests {
    private let away = RucheError(.engineUnavailable, "it does not answer")
    private let refused = RucheError(.conflict, "no")
    private let begin = ContinuousClock.now

    /// Seconds after the beginning at which the job is given up; nil when it is not within `end`.
    private func givenUp(
        _ failures: inout EngineFailures, _ error: RucheError, from start: Double = 0, to end: Double
    ) -> Double? {
        var time = start
        while time < end {
            let now = begin + .seconds(time)
            let pause = failures.pause(after: error, askedAt: now, tick: .milliseconds(500), now: now)
            guard let pause else { return time }
            time += pause.seconds
        }
        return nil
    }

    @Test func anEngineThatIsAwayIsWaitedForForMinutes() {
        var failures = EngineFailures()
        let end = givenUp(&failures, away, to: 1000)
        #expect(end.map { (300..<306).contains($0) } == true, "\(end ?? -1)")
    }

    @Test func oneThatRefusesIsNot() {
        var failures = EngineFailures()
        let end = givenUp(&failures, refused, to: 1000)
        #expect(end.map { $0 < 60 } == true, "\(end ?? -1)")
    }

    @Test func eachAbsenceCountsForItself() {
        var failures = EngineFailures()
        #expect(givenUp(&failures, away, to: 200) == nil)
        // It answered the next question a day later, by going away again.
        let day = begin + .seconds(86400)
        let pause = failures.pause(after: away, askedAt: begin + .seconds(205), tick: .milliseconds(500), now: day)
        #expect(pause == .milliseconds(500))
        #expect(givenUp(&failures, away, from: 86400, to: 86600) == nil)
        #expect(failures.pause(after: refused, askedAt: day, tick: .milliseconds(500), now: day) != nil)
    }
}
