import Synchronization

/// Wakes those who wait for the end of a container.
final class ExternalExits: Sendable {
    private struct Waiting {
        var continuation: CheckedContinuation<Void, Never>
        var container: String
    }

    private struct State {
        var next = 0
        var waiting: [Int: Waiting] = [:]
    }

    private let state = Mutex(State())

    /// Wakes who waits for this container.
    func ended(_ container: String) {
        let found = state.withLock { state in
            let found = state.waiting.filter { $0.value.container == container }
            for key in found.keys { state.waiting[key] = nil }
            return found.values.map(\.continuation)
        }
        for continuation in found { continuation.resume() }
    }

    /// Returns when the container is said to have ended, or after `limit`, or when the caller is cancelled.
    func next(_ container: String, within limit: Duration) async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.waiting[number] = Waiting(continuation: continuation, container: container) }
                if Task.isCancelled { return wake(number) }
                Task {
                    // A sleep that nobody cancels does not throw.
                    try? await Task.sleep(for: limit)
                    wake(number)
                }
            }
        } onCancel: {
            wake(number)
        }
    }

    private func wake(_ number: Int) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?.continuation.resume()
    }
}
