extension JobStateMachine {
    /// After a restart: holds what was recorded against what the engine reports, and says how to go on.
    ///
    /// The record may lag behind the engine by what was not yet written when the process died, never run ahead.
    package mutating func recovered(_ container: ObservedContainer) -> JobAction {
        if state.isFinal { return container == .absent ? .none : .discard }
        if state == .finalizing {
            guard let exit else { return recoverUnknownExit(container) }
            return .finalize(exit)
        }
        switch container {
        case .running, .paused: return reattach(isPaused: container == .paused)
        case .ended(let end):
            self = Self(state: .running, stop: stop)
            return containerEnded(end)
        case .absent, .created: return restart(container)
        }
    }

    private mutating func reattach(isPaused: Bool) -> JobAction {
        self = Self(state: isPaused ? .paused : .running, stop: stop)
        return stop == nil ? .supervise : .terminate(thaw: isPaused)
    }

    /// Nothing of it ran, or nothing is left of what ran.
    private mutating func restart(_ container: ObservedContainer) -> JobAction {
        guard state == .queued || state == .preparing else {
            if let stop { return finalize(JobExit(reason: stop, message: Self.message(stop))) }
            return containerLost("the engine lost the container while the server was away")
        }
        let wasCancelled = stop != nil
        self = Self(state: .queued)
        if wasCancelled { return cancelRequested() }
        return container == .absent ? .enqueue : .discardAndEnqueue
    }

    private mutating func recoverUnknownExit(_ container: ObservedContainer) -> JobAction {
        let stop = stop
        self = Self(state: .running, stop: stop)
        if case .ended(let end) = container { return containerEnded(end) }
        return containerLost("how the container ended was not recorded")
    }

    /// Why a container ended: first what ended it on purpose, then what the kernel did, then its own code.
    package static func exit(_ end: ContainerEnd, stop: JobExit.Reason?) -> JobExit {
        let signal = (129...192).contains(end.code) ? end.code - 128 : nil
        func exit(_ reason: JobExit.Reason, _ message: String?) -> JobExit {
            JobExit(reason: reason, code: end.code, signal: signal, message: message)
        }
        if let stop { return exit(stop, Self.message(stop)) }
        if end.timedOut { return exit(.timedOut, message(.timedOut)) }
        if end.outOfMemory, end.code != 0 { return exit(.outOfMemory, message(.outOfMemory)) }
        // SIGXFSZ: the kernel refused to let one file grow over the disk limit.
        if signal == 25 { return exit(.diskLimit, message(.diskLimit)) }
        return exit(signal == nil ? .exited : .signalled, nil)
    }

    private static func message(_ reason: JobExit.Reason) -> String? {
        switch reason {
        case .timedOut: "it ran longer than its time limit"
        case .outOfMemory: "it needed more than its memory limit"
        case .diskLimit: "it wrote more than its disk limit"
        case .cancelled: "it was cancelled"
        case .exited, .signalled, .engineFailure, .dependencyFailed: nil
        }
    }
}
