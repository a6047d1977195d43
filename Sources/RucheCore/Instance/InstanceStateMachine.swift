/// The life of an instance as a pure value: `preparing → starting → ready | failed`, `ready → stopping → stopped →
/// starting …`; `destroyed` absorbs.
///
/// Every method takes one thing that happened and returns what to do about it. Asking twice for the same is no error.
package struct InstanceStateMachine: Hashable, Sendable {
    package private(set) var state: InstanceState
    /// Why it failed or stopped, where there is more to say than that somebody wanted it.
    package private(set) var reason: String?

    /// A new instance, or one as it was recorded.
    package init(state: InstanceState = .preparing, reason: String? = nil) {
        self.state = state
        self.reason = reason
    }

    // MARK: What the engine and the probes tell

    /// Its disk and its first settings are there.
    package mutating func prepared() -> InstanceAction {
        guard state == .preparing else { return .none }
        state = .starting
        return .launch
    }

    package mutating func launched() -> InstanceAction { state == .starting ? .watch : .none }

    /// Everything that was looked at is well. True when that is news.
    package mutating func becameReady() -> Bool {
        guard state == .starting else { return false }
        state = .ready
        return true
    }

    /// It could not be started, or was not well in time.
    package mutating func startFailed(_ reason: String) -> InstanceAction {
        guard state == .starting else { return .none }
        state = .failed
        self.reason = reason
        return .kill
    }

    /// What ran of it has ended, by itself or because it was asked to. True when that is news.
    package mutating func ended(_ reason: String) -> Bool {
        switch state {
        case .starting:
            state = .failed
            self.reason = reason
        case .ready:
            state = .stopped
            self.reason = reason
        case .stopping: state = .stopped
        case .preparing, .failed, .stopped, .destroyed: return false
        }
        return true
    }

    // MARK: What people and leases ask for

    /// Throws `invalid_state` for one that is being made or is on its way down.
    package mutating func startRequested() throws -> InstanceAction {
        switch state {
        case .starting, .ready: return .none
        case .stopped, .failed:
            state = .starting
            reason = nil
            return .launch
        case .preparing, .stopping, .destroyed: throw refusal("started")
        }
    }

    /// One that does not run stays as it is. Throws `invalid_state` for one that is being made.
    package mutating func stopRequested(_ reason: String? = nil) throws -> InstanceAction {
        switch state {
        case .starting, .ready:
            state = .stopping
            self.reason = reason
            return .powerDown
        case .stopping, .stopped, .failed: return .none
        case .preparing, .destroyed: throw refusal("stopped")
        }
    }

    package mutating func destroyRequested() -> InstanceAction {
        guard state != .destroyed else { return .none }
        state = .destroyed
        return .destroy
    }

    private func refusal(_ verb: String) -> RucheError {
        RucheError(
            .invalidState, "an instance that is \(state.rawValue) can't be \(verb)", details: ["state": state.rawValue])
    }
}
