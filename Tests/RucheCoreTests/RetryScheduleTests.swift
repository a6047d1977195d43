import RucheCore
import Testing

@Suite struct RetryScheduleTests {
    /// The failures a schedule brings until it is given up when the clock goes right.
    private func failures(_ schedule: RetrySchedule) -> Int {
        var generator = SystemRandomNumberGenerator()
        var (count, passed) = (1, Duration.zero)
        while !schedule.isOver(failures: count, since: passed), count < 1_000_000 {
            passed += schedule.delay(failures: count, using: &generator)
            count += 1
        }
        return count
    }

    @Test func itIsGivenUpAfterItsTimeAndNotByAClockThatJumps() {
        let schedule = RetrySchedule()
        let usual = failures(schedule)
        #expect((25...40).contains(usual), "\(usual) attempts in five days")
        #expect(!schedule.isOver(failures: 1, since: .seconds(365 * 86_400)), "set forward after one failure")
        #expect(!schedule.isOver(failures: usual, since: .seconds(-86_400)))
        #expect(schedule.isOver(failures: usual * 3, since: .seconds(-86_400)), "set back, and never taken")
    }

    @Test func noPatienceMeansTheFirstFailureIsTheLast() {
        #expect(RetrySchedule(giveUp: .zero).isOver(failures: 1, since: .zero))
    }
}
