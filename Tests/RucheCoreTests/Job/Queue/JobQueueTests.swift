import RucheCore
import Testing

@Suite struct JobQueueTests {
    private static func id(_ number: Int) throws -> Identifier {
        let digits = String(number)
        return try #require(Identifier(String(repeating: "0", count: 26 - digits.count) + digits))
    }

    private static func queue(_ total: QueueLimits, perOwner: QueueLimits = QueueLimits()) -> JobQueue {
        JobQueue(["e": EngineCapacity(total: total, perOwner: perOwner)])
    }

    private static func job(
        _ number: Int, owner: String = "a", engine: String = "e", priority: Int = 0, cpus: Double? = nil,
        since: Duration = .zero
    ) throws -> QueuedJob {
        QueuedJob(id: try id(number), owner: owner, engine: engine, priority: priority, cpus: cpus, since: since)
    }

    /// The numbers of the jobs that start now.
    private static func started(_ queue: inout JobQueue, _ now: Duration = .zero) -> [Int] {
        var result: [Int] = []
        while let id = queue.next(now: now) { result.append(Int(id.description) ?? -1) }
        return result
    }

    @Test func jobsOfOneOwnerStartByAgeAtFullUseOfTheSlots() throws {
        var queue = Self.queue(QueueLimits(slots: 3))
        for number in [4, 1, 3, 2, 5] { queue.add(try Self.job(number)) }
        #expect(Self.started(&queue) == [1, 2, 3])
        #expect(queue.position(try Self.id(4)) == 1)
        #expect(queue.position(try Self.id(5)) == 2)
        #expect(queue.position(try Self.id(1)) == nil)
        _ = queue.ended(try Self.id(2), succeeded: true, now: .seconds(1))
        #expect(Self.started(&queue) == [4])
    }

    @Test func ownersTakeTurnsHoweverManyJobsOneOfThemHas() throws {
        var queue = Self.queue(QueueLimits(slots: 4))
        for number in 1...100 { queue.add(try Self.job(number)) }
        for number in 101...103 { queue.add(try Self.job(number, owner: "b")) }
        #expect(queue.position(try Self.id(101)) == 2)
        #expect(queue.position(try Self.id(2)) == 3)
        #expect(Self.started(&queue) == [1, 101, 2, 102])
        #expect(queue.order(owner: "b") == [try Self.id(101), try Self.id(102), try Self.id(103)])
    }

    @Test func whoTookLessRecentlyComesFirst() throws {
        var queue = Self.queue(QueueLimits(slots: 1))
        queue.add(try Self.job(1))
        #expect(Self.started(&queue) == [1])
        for number in [2, 3] { queue.add(try Self.job(number)) }
        queue.add(try Self.job(4, owner: "b"))
        _ = queue.ended(try Self.id(1), succeeded: true, now: .seconds(100))
        #expect(Self.started(&queue, .seconds(100)) == [4])
        _ = queue.ended(try Self.id(4), succeeded: true, now: .seconds(110))
        queue.add(try Self.job(5, owner: "b"))
        // The 100 seconds of a weigh more than the 10 of b.
        #expect(Self.started(&queue, .seconds(110)) == [5])
    }

    @Test func priorityComesBeforeFairnessAndAge() throws {
        var queue = Self.queue(QueueLimits(slots: 1))
        for number in 1...3 { queue.add(try Self.job(number, priority: number == 3 ? 10 : 0)) }
        queue.add(try Self.job(4, owner: "b", priority: 5))
        #expect(Self.started(&queue) == [3])
        #expect(queue.setPriority(try Self.id(2), 50) == true)
        #expect(queue.position(try Self.id(2)) == 1)
        #expect(queue.setPriority(try Self.id(3), 50) == false)
        _ = queue.ended(try Self.id(3), succeeded: true, now: .zero)
        #expect(Self.started(&queue) == [2])
    }

    @Test(arguments: [(0, false), (119, false), (121, true), (9_000, true)])
    func whatIsUnimportantIsServedInTheEnd(minutes: Int, first: Bool) throws {
        var queue = Self.queue(QueueLimits(slots: 1))
        let now = Duration.seconds(minutes * 60)
        queue.add(try Self.job(1, priority: -100))
        queue.add(try Self.job(2, priority: 20, since: now))
        #expect(Self.started(&queue, now) == [first ? 1 : 2])
    }

    @Test func anOldJobDoesNotRiseOverOthersOfItsPriority() throws {
        var queue = Self.queue(QueueLimits(slots: 2))
        let now = Duration.seconds(36_000)
        queue.add(try Self.job(1))
        queue.add(try Self.job(2))
        queue.add(try Self.job(3, owner: "b", since: now))
        #expect(Self.started(&queue, now) == [1, 3])
    }

    @Test func limitsOfEachOwnerHoldBackThatOwnerOnly() throws {
        var queue = Self.queue(QueueLimits(slots: 4), perOwner: QueueLimits(slots: 1))
        for number in 1...3 { queue.add(try Self.job(number)) }
        queue.add(try Self.job(4, owner: "b"))
        #expect(Self.started(&queue) == [1, 4])
        _ = queue.ended(try Self.id(1), succeeded: false, now: .zero)
        #expect(Self.started(&queue) == [2])
    }

    @Test func smallJobsPassABigOneForAWhileOnly() throws {
        var queue = Self.queue(QueueLimits(slots: 8, cpus: 4))
        queue.add(try Self.job(1, cpus: 2))
        #expect(Self.started(&queue) == [1])
        queue.add(try Self.job(2, cpus: 4))
        for number in 3...6 { queue.add(try Self.job(number, cpus: 1)) }
        #expect(Self.started(&queue) == [3, 4])
        _ = queue.ended(try Self.id(3), succeeded: true, now: .seconds(599))
        #expect(Self.started(&queue, .seconds(599)) == [5])
        for number in [4, 5] { _ = queue.ended(try Self.id(number), succeeded: true, now: .seconds(601)) }
        #expect(Self.started(&queue, .seconds(601)) == [])
        _ = queue.ended(try Self.id(1), succeeded: true, now: .seconds(602))
        #expect(Self.started(&queue, .seconds(602)) == [2])
    }

    @Test func aJobThatIsTooBigRunsAlone() throws {
        var queue = Self.queue(QueueLimits(slots: 2, cpus: 2))
        queue.add(try Self.job(1, cpus: 16))
        queue.add(try Self.job(2, cpus: 1))
        #expect(Self.started(&queue) == [1])
        _ = queue.ended(try Self.id(1), succeeded: true, now: .zero)
        // One that names no limit counts as an equal part.
        queue.add(try Self.job(3))
        #expect(Self.started(&queue) == [2, 3])
    }

    @Test func dependenciesHoldAJobUntilTheySucceed() throws {
        var queue = Self.queue(QueueLimits(slots: 8))
        queue.add(try Self.job(1))
        queue.add(try Self.job(2))
        queue.add(try Self.job(3), after: [try Self.id(1), try Self.id(2)])
        #expect(Self.started(&queue) == [1, 2])
        #expect(queue.waiting(try Self.id(3)) == .dependency)
        #expect(queue.ended(try Self.id(1), succeeded: true, now: .zero) == [try Self.id(3)])
        #expect(Self.started(&queue) == [])
        #expect(queue.ended(try Self.id(2), succeeded: true, now: .zero) == [try Self.id(3)])
        #expect(Self.started(&queue) == [3])
        queue.add(try Self.job(4), after: [try Self.id(3)])
        #expect(queue.ended(try Self.id(3), succeeded: false, now: .zero) == [try Self.id(4)])
        #expect(Self.started(&queue) == [])
    }

    @Test(arguments: [JobWaiting.upload, .retry, .engine, .dependency])
    func aHoldIsWhyItWaits(reason: JobWaiting) throws {
        var queue = Self.queue(QueueLimits(slots: 1))
        queue.add(try Self.job(1), holds: [reason])
        queue.add(try Self.job(2))
        #expect(queue.waiting(try Self.id(1)) == reason)
        #expect(queue.waiting(try Self.id(2)) == .slot)
        #expect(Self.started(&queue) == [2])
        queue.letGo(try Self.id(1), reason)
        #expect(queue.waiting(try Self.id(1)) == .slot)
        queue.giveBack(try Self.id(2), now: .zero)
        #expect(Self.started(&queue) == [1])
    }

    @Test func anEngineThatIsNotReadyHoldsBackItsOwnJobsOnly() throws {
        var queue = JobQueue([
            "e": EngineCapacity(total: QueueLimits(slots: 1)), "f": EngineCapacity(total: QueueLimits(slots: 1)),
        ])
        queue.add(try Self.job(1))
        queue.add(try Self.job(2, engine: "f"))
        queue.setReady("e", false)
        #expect(Self.started(&queue) == [2])
        #expect(queue.waiting(try Self.id(1)) == .engine)
        queue.setReady("e", true)
        #expect(Self.started(&queue) == [1])
    }

    @Test func twentyThousandJobsAreNoBurden() throws {
        var queue = Self.queue(QueueLimits(slots: 2))
        let clock = ContinuousClock()
        let time = try clock.measure {
            for number in 1...20_000 { queue.add(try Self.job(number, owner: "o\(number % 10)")) }
            while let id = queue.next(now: .zero) { _ = queue.ended(id, succeeded: true, now: .zero) }
        }
        #expect(queue.ids.isEmpty)
        // A look at every job for each start would take an hour.
        #expect(time < .seconds(120))
    }
}
