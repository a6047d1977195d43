/// The life of a job as a pure value: `queued → preparing → running ⇄ paused → finalizing → final`.
///
/// Every method takes one thing that happened and returns what to do about it. Final states absorb; asking
/// twice for the same is no error; `finalize` and `announce` are each returned once in a life without restarts.
package struct JobStateMachine: Hashable, Sendable {
    package private(set) var state: JobState
    /// Why the container is being ended, when it is: the first reason stays.
    package private(set) var stop: JobExit.Reason?
    /// Known from `finalizing` on.
    package private(set) var exit: JobExit?

    /// A new job, or one as it was recorded.
    package init(state: JobState = .queued, stop: JobExit.Reason? = nil, exit: JobExit? = nil) {
        self.state = state
        self.stop = stop
        self.exit = exit
    }

    // MARK: What the scheduler and the engine tell

    package mutating func slotGranted() -> JobAction {
        guard state == .queued else { return .none }
        state = .preparing
        return .prepare
    }

    /// The container runs. A cancellation that came meanwhile is acted on now.
    package mutating func started() -> JobAction {
        guard state == .preparing else { return .none }
        state = .running
        return stop == nil ? .supervise : .terminate(thaw: false)
    }

    /// The container could not be made or started.
    package mutating func preparationFailed(_ message: String) -> JobAction {
        guard state == .preparing else { return .none }
        return finalize(stop.map { JobExit(reason: $0) } ?? JobExit(reason: .engineFailure, message: message))
    }

    /// The engine was not there: the job waits for it, unless it was cancelled meanwhile.
    package mutating func postponed() -> JobAction {
        guard state == .preparing else { return .none }
        guard stop == nil else { return preparationFailed("it was cancelled") }
        state = .queued
        return .enqueue
    }

    /// A job that waits can't run at all.
    package mutating func refused(_ reason: JobExit.Reason, _ message: String) -> JobAction {
        guard state == .queued else { return .none }
        return finalize(JobExit(reason: reason, message: message))
    }

    /// An attempt failed, its remains are set aside, and another one follows.
    package mutating func retried() -> JobAction {
        guard state == .finalizing else { return .none }
        self = Self(state: .queued)
        return .enqueue
    }

    package mutating func containerEnded(_ end: ContainerEnd) -> JobAction {
        guard [.preparing, .running, .paused].contains(state) else { return .none }
        return finalize(Self.exit(end, stop: stop))
    }

    /// The engine does not know the container any more. What was to be ended is ended so.
    package mutating func containerLost(_ message: String) -> JobAction {
        guard [.preparing, .running, .paused].contains(state) else { return .none }
        return finalize(JobExit(reason: stop ?? .engineFailure, message: message))
    }

    /// Logs, outputs and the record are safe. `failure` says why an otherwise good job is not (an input changed).
    package mutating func finalized(failure: String? = nil) -> JobAction {
        guard state == .finalizing, var exit else { return .none }
        if let failure, exit.isSuccess {
            exit = JobExit(reason: .engineFailure, code: exit.code, message: failure)
            self.exit = exit
        }
        state = exit.isSuccess ? .succeeded : exit.reason == .cancelled ? .cancelled : .failed
        return .announce(state)
    }

    // MARK: What people and limits ask for

    /// Throws `invalid_state` for a job that does not run.
    package mutating func pauseRequested() throws -> JobAction {
        switch state {
        case .paused: return .none
        case .running where stop == nil: return .pause
        default: throw refusal("paused")
        }
    }

    package mutating func paused() {
        if state == .running { state = .paused }
    }

    /// Throws `invalid_state` for a job that was never started or is over.
    package mutating func resumeRequested() throws -> JobAction {
        switch state {
        case .running: return .none
        case .paused: return .resume
        default: throw refusal("resumed")
        }
    }

    package mutating func resumed() {
        if state == .paused { state = .running }
    }

    /// A job that is over stays as it is.
    package mutating func cancelRequested() -> JobAction {
        switch state {
        case .queued:
            stop = .cancelled
            return finalize(JobExit(reason: .cancelled, message: "it was cancelled before it started"))
        case .preparing where stop == nil:
            stop = .cancelled
            return .interruptPreparation
        case .running, .paused: return end(.cancelled)
        default: return .none
        }
    }

    /// The time or disk limit was reached (`timedOut`, `diskLimit`).
    package mutating func limitReached(_ reason: JobExit.Reason) -> JobAction {
        state == .running || state == .paused ? end(reason) : .none
    }

    private mutating func end(_ reason: JobExit.Reason) -> JobAction {
        guard stop == nil else { return .none }
        stop = reason
        return .terminate(thaw: state == .paused)
    }

    mutating func finalize(_ exit: JobExit) -> JobAction {
        state = .finalizing
        self.exit = exit
        return .finalize(exit)
    }

    private func refusal(_ verb: String) -> RucheError {
        RucheError(
            .invalidState, "a job that is \(stop == nil ? state.rawValue : "being ended") can't be \(verb)",
            details: ["state": state.rawValue])
    }
}
