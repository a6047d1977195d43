import RucheCore
import Testing

/// Every request in every state: twice the same is like once.
@Suite struct JobSteeringTableTests {
    enum Request: CaseIterable, Sendable {
        case pause, resume, cancel

        /// What the machine answers; nil when it refuses. What the engine does about it is taken as done.
        func ask(_ machine: inout JobStateMachine) throws -> JobAction? {
            switch self {
            case .pause:
                let action = try? machine.pauseRequested()  // a refusal is what is looked for
                if action == .pause { machine.paused() }
                return action
            case .resume:
                let action = try? machine.resumeRequested()  // a refusal is what is looked for
                if action == .resume { machine.resumed() }
                return action
            case .cancel: return machine.cancelRequested()
            }
        }
    }

    private static let refused: [Request: Set<JobState>] = [
        .pause: [.queued, .preparing, .finalizing, .succeeded, .failed, .cancelled],
        .resume: [.queued, .preparing, .finalizing, .succeeded, .failed, .cancelled],
        .cancel: [],
    ]

    @Test(arguments: JobState.allCases, Request.allCases)
    func aRequestIsIdempotent(state: JobState, request: Request) throws {
        let exit = state.isFinal || state == .finalizing ? JobExit(reason: .exited, code: 0) : nil
        var machine = JobStateMachine(state: state, exit: exit)
        let first = try request.ask(&machine)
        #expect((first == nil) == Self.refused[request]?.contains(state))
        let after = machine
        let second = try request.ask(&machine)
        #expect(machine == after)
        #expect(second == (first == nil ? nil : JobAction.none))
        if state.isFinal { #expect(machine.state == state) }
    }

    @Test(arguments: JobState.allCases)
    func onlyAQueuedJobIsRefusedAndOnlyAFinalizingOneTriedAgain(state: JobState) {
        var machine = JobStateMachine(state: state, exit: JobExit(reason: .exited, code: 1))
        let action = machine.refused(.dependencyFailed, "m")
        #expect((action == .none) == (state != .queued))
        var other = JobStateMachine(state: state, exit: JobExit(reason: .exited, code: 1))
        #expect((other.retried() == .enqueue) == (state == .finalizing))
        if state == .finalizing { #expect(other == JobStateMachine()) }
        var third = JobStateMachine(state: state)
        #expect((third.postponed() == .enqueue) == (state == .preparing))
    }
}
