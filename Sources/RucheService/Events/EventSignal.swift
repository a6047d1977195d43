import Synchronization

/// Wakes the readers of the event table when something was appended.
final class EventSignal: Sendable {
    private struct State {
        var newest: Int64 = 0
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Tells that the table holds events up to `sequence`.
    func appended(_ sequence: Int64) {
        let waiters = state.withLock { state in
            state.newest = max(state.newest, sequence)
            let waiters = state.waiters
            state.waiters = [:]
            return waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns when an event after `sequence` may be there, or when the task is cancelled.
    func wait(after sequence: Int64) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if state.newest > sequence || Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
