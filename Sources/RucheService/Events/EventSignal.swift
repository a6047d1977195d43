import Synchronization

/// Wakes the readers of the event table when something was appended.
final class EventSignal: Sendable {
    private struct State {
        var newest: Int64 = 0
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Waits that are over before they began.
        var cancelled: Set<Int> = []
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

    /// A number for a wait that `cancel` can end, also before it began; `forget` gives it back.
    func newWait() -> Int {
        state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
    }

    /// Returns when an event after `sequence` may be there, or when the task is cancelled.
    func wait(after sequence: Int64) async {
        let number = newWait()
        await wait(after: sequence, number: number)
        forget(number)
    }

    /// The same, also ended by `cancel` of its number.
    func wait(after sequence: Int64, number: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if state.newest > sequence || Task.isCancelled || state.cancelled.contains(number) { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            cancel(number)
        }
    }

    func cancel(_ number: Int) {
        state.withLock { state in
            state.cancelled.insert(number)
            return state.waiters.removeValue(forKey: number)
        }?.resume()
    }

    func forget(_ number: Int) { state.withLock { _ = $0.cancelled.remove(number) } }
}
