import RucheCore
import Testing

@Suite struct InstanceStateMachineTests {
    @Test func anInstanceThatGoesWellPassesEveryState() throws {
        var instance = InstanceStateMachine()
        #expect(instance.prepared() == .launch)
        #expect(instance.launched() == .watch)
        let isReady = instance.becameReady()
        #expect(isReady && instance.state == .ready)
        #expect(try instance.stopRequested("its lease ended") == .powerDown)
        #expect(instance.state == .stopping)
        let hasEnded = instance.ended("x")
        #expect(hasEnded && instance.state == .stopped && instance.reason == "its lease ended")
        #expect(try instance.startRequested() == .launch)
        #expect(instance.state == .starting && instance.reason == nil)
        #expect(instance.destroyRequested() == .destroy)
        #expect(instance.state == .destroyed)
    }

    @Test func aDestroyedOneAbsorbsEverything() {
        var instance = InstanceStateMachine(state: .destroyed)
        #expect(instance.prepared() == .none)
        #expect(instance.launched() == .none)
        let isReady = instance.becameReady()
        #expect(!isReady)
        #expect(instance.startFailed("x") == .none)
        let hasEnded = instance.ended("x")
        #expect(!hasEnded)
        #expect(instance.destroyRequested() == .none)
        #expect(throws: RucheError.self) { try instance.startRequested() }
        #expect(throws: RucheError.self) { try instance.stopRequested() }
        #expect(instance == InstanceStateMachine(state: .destroyed))
    }

    @Test(arguments: [
        (InstanceState.starting, InstanceState.failed, true), (.ready, .stopped, true), (.stopping, .stopped, true),
        (.preparing, .preparing, false), (.failed, .failed, false), (.stopped, .stopped, false),
    ])
    func anEndByItselfIsToldOnce(_ before: InstanceState, _ after: InstanceState, _ isNews: Bool) {
        var instance = InstanceStateMachine(state: before)
        let first = instance.ended("it went")
        #expect(first == isNews && instance.state == after)
        let second = instance.ended("again")
        #expect(!second)
        #expect(instance.reason == (isNews && before != .stopping ? "it went" : nil))
    }

    @Test func askingTwiceIsNoError() throws {
        var instance = InstanceStateMachine(state: .ready)
        #expect(try instance.startRequested() == .none)
        #expect(try instance.stopRequested() == .powerDown)
        #expect(try instance.stopRequested() == .none)
        #expect(throws: RucheError.self, "it is on its way down") { try instance.startRequested() }
    }

    @Test func aFailedStartIsTriedAgain() throws {
        var instance = InstanceStateMachine(state: .starting)
        #expect(instance.startFailed("too late") == .kill)
        #expect(instance.startFailed("again") == .none)
        #expect(instance.reason == "too late")
        #expect(try instance.stopRequested() == .none)
        #expect(try instance.startRequested() == .launch)
    }
}
