import RucheCore
import Synchronization

/// How many clients follow events, and how many may.
package final class ListenerCount: Sendable {
    private let limit: Int
    private let current = Mutex(0)

    package init(limit: Int = 2000) { self.limit = limit }

    package var count: Int { current.withLock { $0 } }

    /// Throws `server_unavailable` when there are too many.
    func enter() throws -> Place {
        let isFull = current.withLock { count in
            if count >= limit { return true }
            count += 1
            return false
        }
        guard !isFull else {
            throw RucheError(
                .serverUnavailable, "\(limit) clients follow events already: ask for pages, or come back later",
                details: [ErrorCode.retryAfter: "30"])
        }
        return Place(count: self)
    }

    private func left() { current.withLock { $0 -= 1 } }

    /// A place that is given back once, at the latest when nobody holds it any more.
    final class Place: Sendable {
        private let count: ListenerCount
        private let isLeft = Mutex(false)

        init(count: ListenerCount) { self.count = count }

        deinit { leave() }

        func leave() {
            let isFirst = isLeft.withLock { isLeft in
                defer { isLeft = true }
                return !isLeft
            }
            if isFirst { count.left() }
        }
    }
}
