import Synchronization

/// One reader of events: replays what it missed, then follows. It keeps a position and nothing else, so a slow
/// one costs no memory.
package final class EventListener: Sendable {
    /// Events given at once.
    private static let page = 200

    private struct State {
        var position: Int64
        var hasReadTable = false
        var isClosed = false
        var isNudged = false
        /// The number of the wait that goes on.
        var wait: Int?
    }

    private let log: DatabaseEventLog
    private let filter: EventFilter
    private let state: Mutex<State>

    init(log: DatabaseEventLog, after sequence: Int64, filter: EventFilter) {
        self.log = log
        self.filter = filter
        state = Mutex(State(position: sequence))
    }

    /// The next events that fit the filter. Empty when `nudge` was called meanwhile; nil when it was closed or the
    /// task was cancelled. Called by one task at a time.
    package func next() async throws -> [PublishedEvent]? {
        while !Task.isCancelled {
            let (position, isClosed, hasReadTable) = state.withLock { ($0.position, $0.isClosed, $0.hasReadTable) }
            if isClosed { return nil }
            let found: [PublishedEvent]
            switch log.ring.read(after: position, limit: Self.page) {
            case .events(let events):
                if let last = events.last { move(to: last.event.sequence) }
                found = events.filter { filter.matches($0.event) }
            case .current where hasReadTable:
                await wait(after: position)
                if state.withLock({ take(&$0.isNudged) }) { return [] }
                continue
            case .current, .behind: found = try await readTable(after: position)
            }
            if !found.isEmpty { return found }
        }
        return nil
    }

    /// Lets a waiting `next` return with nothing.
    package func nudge() { wake { $0.isNudged = true } }

    /// Ends the reading.
    package func close() { wake { $0.isClosed = true } }

    private func wake(_ change: (inout State) -> Void) {
        let wait = state.withLock { state in
            change(&state)
            return state.wait
        }
        if let wait { log.signal.cancel(wait) }
    }

    private func take(_ flag: inout Bool) -> Bool {
        defer { flag = false }
        return flag
    }

    private func move(to sequence: Int64) { state.withLock { $0.position = max($0.position, sequence) } }

    private func readTable(after position: Int64) async throws -> [PublishedEvent] {
        // Before the page, so that nothing between the two is passed over.
        let newest = try await log.newest()
        let page = try await log.events(after: position, filter: filter, limit: Self.page)
        if page.count < Self.page { state.withLock { $0.hasReadTable = true } }
        move(to: page.count < Self.page ? max(newest, page.last?.sequence ?? 0) : page.last?.sequence ?? 0)
        return page.map(PublishedEvent.init)
    }

    private func wait(after position: Int64) async {
        let number = log.signal.newWait()
        let isDue = state.withLock { state in
            state.wait = number
            return state.isNudged || state.isClosed
        }
        if !isDue { await log.signal.wait(after: position, number: number) }
        state.withLock { $0.wait = nil }
        log.signal.forget(number)
    }
}
