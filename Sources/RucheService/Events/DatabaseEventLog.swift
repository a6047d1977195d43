import Foundation
package import RucheCore
package import RucheStore

/// The event table of the site's database.
package final class DatabaseEventLog: EventLog {
    /// Events read at once by a follower.
    private static let page = 200

    private let database: any SQLDatabase
    private let now: @Sendable () -> Int64
    let signal = EventSignal()
    let ring = EventRing()
    /// Sees each event after it was written; never blocks.
    private let observer: @Sendable ([Event]) -> Void

    /// `now` gives milliseconds since 1970.
    package init(
        database: any SQLDatabase, now: @escaping @Sendable () -> Int64 = SystemTime.milliseconds,
        observer: @escaping @Sendable ([Event]) -> Void = { _ in }
    ) {
        self.database = database
        self.now = now
        self.observer = observer
    }

    @discardableResult
    package func append(subject: String, kind: String, data: JSONValue) async throws -> Event {
        let draft = EventDraft(subject: subject, kind: kind, data: data)
        guard let event = try await write([draft], { _ in }).first else {
            throw RucheError(.internalError, "the event \(kind) was not written")
        }
        return event
    }

    package func append(_ drafts: [EventDraft]) async throws {
        if !drafts.isEmpty { try await write(drafts) { _ in } }
    }

    /// Writes other changes and the events that tell of them in one transaction.
    @discardableResult
    package func write(
        _ drafts: [EventDraft], _ changes: @Sendable @escaping (any SQLConnection) throws -> Void
    ) async throws -> [Event] {
        let time = now()
        let acting = Acting.current
        let rows = try drafts.map { (draft: $0, data: try JSONText.encode($0.data)) }
        let events = try await database.write { connection in
            try changes(connection)
            let repository = EventRepository(connection)
            return try rows.map { row in
                let owner = row.draft.owner ?? acting.owner
                let actor = row.draft.actor ?? acting.actor
                let sequence = try repository.append(
                    time: time, subject: row.draft.subject, kind: row.draft.kind, data: row.data,
                    owner: owner?.description, actor: actor)
                return Event(
                    sequence: sequence, time: time, subject: row.draft.subject, kind: row.draft.kind,
                    data: row.draft.data, owner: owner, actor: actor)
            }
        }
        if let newest = events.last?.sequence {
            ring.publish(events)
            signal.appended(newest)
            observer(events)
        }
        return events
    }

    package func events(after sequence: Int64, subject: String?, limit: Int) async throws -> [Event] {
        try await events(after: sequence, filter: EventFilter(subject: subject), limit: limit)
    }

    /// Events after `sequence` that fit the filter, oldest first, at most `limit`.
    package func events(after sequence: Int64, filter: EventFilter, limit: Int) async throws -> [Event] {
        let rows = try await database.read { connection in
            try EventRepository(connection).events(
                after: sequence, subject: filter.subject, kinds: filter.kinds, hidden: filter.hidden,
                owners: filter.owners.names, limit: limit)
        }
        return try rows.map { row in
            Event(
                sequence: row.sequence, time: row.time, subject: row.subject, kind: row.kind,
                data: try JSONText.decode(JSONValue.self, row.data), owner: row.owner.flatMap { OwnerName($0) },
                actor: row.actor)
        }
    }

    /// A reader that replays what came after `sequence`, then follows. All readers share the newest events.
    package func listen(after sequence: Int64, filter: EventFilter = EventFilter()) -> EventListener {
        EventListener(log: self, after: sequence, filter: filter)
    }

    /// The sequence number of the newest event; 0 when there is none.
    package func newest() async throws -> Int64 {
        try await database.read { try EventRepository($0).newest() }
    }

    package func follow(after sequence: Int64, subject: String?) -> AsyncThrowingStream<Event, any Error> {
        let reader = EventReader(after: sequence)
        return AsyncThrowingStream { [self] in
            while !Task.isCancelled {
                if let event = await reader.next() { return event }
                // Read before the table is asked: what is appended in between then wakes the wait.
                let newest = try await newest()
                let page = try await events(after: await reader.position, subject: subject, limit: Self.page)
                await reader.fill(page, readUpTo: page.count < Self.page ? newest : nil)
                if page.isEmpty { await signal.wait(after: await reader.position) }
            }
            return nil
        }
    }
}

/// Where one follower is: a page of events and the place after it.
private actor EventReader {
    private(set) var position: Int64
    private var page: ArraySlice<Event> = []

    init(after sequence: Int64) { position = sequence }

    func next() -> Event? { page.popFirst() }

    func fill(_ events: [Event], readUpTo newest: Int64?) {
        page = events[...]
        position = max(position, events.last?.sequence ?? 0, newest ?? 0)
    }
}
