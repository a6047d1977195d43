import Synchronization

/// The newest events in memory, for everybody who follows: the table is asked only by who is far behind.
final class EventRing: Sendable {
    enum Reading: Sendable {
        case events(ArraySlice<PublishedEvent>)
        /// What the reader needs next is older than what is kept here.
        case behind
        /// There is nothing after the reader's position.
        case current
    }

    private struct State {
        /// Without gaps in their numbers.
        var events: [PublishedEvent] = []
        var newest: Int64 = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int = 1024) { self.capacity = capacity }

    /// Takes events that are in the table now. Writers may come here in another order than they wrote: what is
    /// left out then is found in the table, which had it before.
    func publish(_ events: [Event]) {
        state.withLock { state in
            for event in events where event.sequence > state.newest {
                if event.sequence != state.newest + 1 { state.events = [] }
                state.events.append(PublishedEvent(event))
                state.newest = event.sequence
            }
            // In steps, so that the array is not moved for each event.
            if state.events.count > 2 * capacity { state.events.removeFirst(state.events.count - capacity) }
        }
    }

    func read(after sequence: Int64, limit: Int) -> Reading {
        state.withLock { state in
            guard let first = state.events.first?.event.sequence, state.newest > sequence else { return .current }
            guard first <= sequence + 1 else { return .behind }
            return .events(state.events[Int(sequence + 1 - first)...].prefix(limit))
        }
    }
}
