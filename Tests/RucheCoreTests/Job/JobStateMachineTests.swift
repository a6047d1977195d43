import RucheCore
import Testing

@Suite struct JobStateMachineTests {
    private static func machine(_ state: JobState, stop: JobExit.Reason? = nil) -> JobStateMachine {
        let exit: JobExit? =
            switch state {
            case .finalizing, .succeeded: JobExit(reason: .exited, code: 0)
            case .failed: JobExit(reason: .exited, code: 1)
            case .cancelled: JobExit(reason: .cancelled)
            default: nil
            }
        return JobStateMachine(state: state, stop: stop, exit: exit)
    }

    @Test func aJobThatGoesWellPassesEveryStateOnce() throws {
        var job = JobStateMachine()
        #expect(job.slotGranted() == .prepare)
        #expect(job.started() == .supervise)
        #expect(try job.pauseRequested() == .pause)
        job.paused()
        #expect(job.state == .paused)
        #expect(try job.resumeRequested() == .resume)
        job.resumed()
        #expect(job.containerEnded(ContainerEnd(code: 0)) == .finalize(JobExit(reason: .exited, code: 0)))
        #expect(job.finalized() == .announce(.succeeded))
        #expect(job.state == .succeeded)
    }

    @Test(arguments: JobState.allCases.filter(\.isFinal))
    func finalStatesAbsorbEverything(_ state: JobState) throws {
        let before = Self.machine(state)
        var job = before
        #expect(job.slotGranted() == .none)
        #expect(job.started() == .none)
        #expect(job.preparationFailed("x") == .none)
        #expect(job.containerEnded(ContainerEnd(code: 1)) == .none)
        #expect(job.containerLost("x") == .none)
        #expect(job.finalized() == .none)
        #expect(job.cancelRequested() == .none)
        #expect(job.limitReached(.timedOut) == .none)
        #expect(throws: RucheError.self) { try job.pauseRequested() }
        #expect(throws: RucheError.self) { try job.resumeRequested() }
        job.paused()
        job.resumed()
        #expect(job.recovered(.absent) == .none)
        #expect(job.recovered(.running) == .discard)
        #expect(job == before)
    }

    @Test func finalizationIsAskedForOnce() {
        var job = Self.machine(.running)
        #expect(job.containerEnded(ContainerEnd(code: 3)) == .finalize(JobExit(reason: .exited, code: 3)))
        #expect(job.containerEnded(ContainerEnd(code: 0)) == .none)
        #expect(job.containerLost("x") == .none)
        #expect(job.cancelRequested() == .none)
        #expect(job.finalized() == .announce(.failed))
        #expect(job.finalized() == .none)
    }

    @Test(arguments: [
        (
            JobState.queued,
            JobAction.finalize(JobExit(reason: .cancelled, message: "it was cancelled before it started"))
        ),
        (.preparing, .interruptPreparation), (.running, .terminate(thaw: false)), (.paused, .terminate(thaw: true)),
        (.finalizing, .none),
    ])
    func cancellingDoesWhatTheStateNeedsAndOnlyOnce(_ state: JobState, _ expected: JobAction) {
        var job = Self.machine(state)
        #expect(job.cancelRequested() == expected)
        #expect(job.cancelRequested() == .none)
    }

    @Test func aCancellationDuringPreparationEndsTheContainerThatStartsNevertheless() {
        var job = Self.machine(.preparing)
        _ = job.cancelRequested()
        #expect(job.started() == .terminate(thaw: false))
        guard case .finalize(let exit) = job.containerEnded(ContainerEnd(code: 0)) else {
            Issue.record("not finalized")
            return
        }
        #expect(exit.reason == .cancelled)
        #expect(job.finalized() == .announce(.cancelled))
    }

    @Test func pausingAndResumingTwiceIsNoError() throws {
        var job = Self.machine(.paused)
        #expect(try job.pauseRequested() == .none)
        job = Self.machine(.running)
        #expect(try job.resumeRequested() == .none)
        job = Self.machine(.running, stop: .cancelled)
        #expect(throws: RucheError.self) { try job.pauseRequested() }
    }

    @Test func theFirstReasonToEndStays() {
        var job = Self.machine(.running)
        #expect(job.limitReached(.timedOut) == .terminate(thaw: false))
        #expect(job.limitReached(.diskLimit) == .none)
        #expect(job.cancelRequested() == .none)
        _ = job.containerEnded(ContainerEnd(code: 143))
        #expect(job.exit?.reason == .timedOut)
        #expect(job.exit?.signal == 15)
    }

    @Test(arguments: [
        (ContainerEnd(code: 0), JobExit.Reason?.none, JobExit.Reason.exited),
        (ContainerEnd(code: 7), nil, .exited), (ContainerEnd(code: 139), nil, .signalled),
        (ContainerEnd(code: 137, outOfMemory: true), nil, .outOfMemory),
        (ContainerEnd(code: 0, outOfMemory: true), nil, .exited),
        (ContainerEnd(code: 137, timedOut: true), nil, .timedOut), (ContainerEnd(code: 153), nil, .diskLimit),
        (ContainerEnd(code: 137, outOfMemory: true), .cancelled, .cancelled),
        (ContainerEnd(code: 0), .diskLimit, .diskLimit),
    ])
    func endsAreToldApart(_ end: ContainerEnd, _ stop: JobExit.Reason?, _ expected: JobExit.Reason) {
        let exit = JobStateMachine.exit(end, stop: stop)
        #expect(exit.reason == expected)
        #expect(exit.code == end.code)
    }

    @Test(arguments: [(nil, JobState.failed), (JobExit.Reason.cancelled, .cancelled), (.timedOut, .failed)])
    func aLostContainerEndsAJobAsItWasToBeEnded(_ stop: JobExit.Reason?, _ after: JobState) {
        var job = Self.machine(.running, stop: stop)
        let exit = JobExit(reason: stop ?? .engineFailure, message: "it is away")
        #expect(job.containerLost("it is away") == .finalize(exit))
        #expect(job.finalized() == .announce(after))
    }

    @Test(arguments: [
        (JobState.queued, ObservedContainer.absent, JobAction.enqueue, JobState.queued),
        (.queued, .created, .discardAndEnqueue, .queued), (.queued, .running, .supervise, .running),
        (.preparing, .absent, .enqueue, .queued), (.preparing, .created, .discardAndEnqueue, .queued),
        (.preparing, .running, .supervise, .running), (.preparing, .paused, .supervise, .paused),
        (.preparing, .ended(ContainerEnd(code: 0)), .finalize(JobExit(reason: .exited, code: 0)), .finalizing),
        (.running, .running, .supervise, .running), (.running, .paused, .supervise, .paused),
        (.paused, .running, .supervise, .running),
        (.running, .ended(ContainerEnd(code: 2)), .finalize(JobExit(reason: .exited, code: 2)), .finalizing),
        (
            .running, .absent,
            .finalize(
                JobExit(reason: .engineFailure, message: "the engine lost the container while the server was away")),
            .finalizing
        ),
        (.finalizing, .absent, .finalize(JobExit(reason: .exited, code: 0)), .finalizing),
        (.finalizing, .ended(ContainerEnd(code: 9)), .finalize(JobExit(reason: .exited, code: 0)), .finalizing),
    ])
    func aRestartGoesOnFromWhatTheEngineReports(
        _ state: JobState, _ container: ObservedContainer, _ action: JobAction, _ after: JobState
    ) {
        var job = Self.machine(state)
        #expect(job.recovered(container) == action)
        #expect(job.state == after)
    }

    @Test func aCancellationSurvivesTheRestart() {
        var job = Self.machine(.running, stop: .cancelled)
        #expect(job.recovered(.running) == .terminate(thaw: false))
        job = Self.machine(.paused, stop: .cancelled)
        #expect(job.recovered(.paused) == .terminate(thaw: true))
        job = Self.machine(.preparing, stop: .cancelled)
        guard case .finalize(let exit) = job.recovered(.absent) else {
            Issue.record("not finalized")
            return
        }
        #expect(exit.reason == .cancelled)
    }

    @Test func anInputThatChangedFailsAGoodJobAndDoesNotHideABadOne() {
        var job = Self.machine(.finalizing)
        #expect(job.finalized(failure: "the input /a changed") == .announce(.failed))
        #expect(job.exit?.message == "the input /a changed")
        job = Self.machine(.running)
        _ = job.containerEnded(ContainerEnd(code: 4))
        _ = job.finalized(failure: "the input /a changed")
        #expect(job.exit == JobExit(reason: .exited, code: 4))
    }

    @Test(arguments: JobState.allCases) func pirusNamesGoBothWays(_ state: JobState) {
        #expect(JobState(pirusName: state.pirusName) == state)
        #expect(JobState(pirusName: state.pirusName.uppercased()) == state)
    }
}
