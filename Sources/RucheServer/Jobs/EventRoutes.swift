import HTTPTypes
import Hummingbird
import RucheCore
package import RucheService
import RucheWire

/// Everything that happens, as pages of JSON or as a live stream.
package struct EventRoutes: Sendable {
    private let events: DatabaseEventLog
    private let accounts: AccountService?
    private let listeners: ListenerCount
    private let writeDeadline: Duration

    package init(
        _ events: DatabaseEventLog, _ accounts: AccountService? = nil, listeners: ListenerCount = ListenerCount(),
        writeDeadline: Duration = .seconds(30)
    ) {
        self.accounts = accounts
        self.events = events
        self.listeners = listeners
        self.writeDeadline = writeDeadline
    }

    package var routes: [Route] {
        [
            Route(
                .get, "/api/v1/events", access: .right(.read),
                RouteDocumentation(
                    """
                    Events, oldest first. With `Accept: text/event-stream` they are streamed: what came after \
                    `after` or `Last-Event-ID` first, then live. A client that does not read is cut off. The stream ends with an event `error` when the \
                    token or session it was opened with ends, or may see less.
                    """,
                    query: [
                        "after": "The sequence number of the last event known, 0 by default.",
                        "subject": "Only events about this, such as `job:ID`, or `job:*` for every job.",
                        "kind": "Only these kinds, with commas between: `job.started,job.ended`, or `job.*`.",
                        "limit": "At most so many, 1 to 1000; not for streams.",
                        "follow": "Stream as with `Accept: text/event-stream`.",
                    ], response: "Page<EventDocument>")
            ) { request, context in try await list(request, context) }
        ]
    }

    private func list(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let after = Int64(try request.integer("after", in: 0...Int.max) ?? 0)
        var filter = EventFilter(
            subject: request.query("subject"), kinds: try EventFilter.kinds(parsing: request.query("kind") ?? ""))
        filter.limit(to: context.caller)
        let accepts = request.headers[.accept]?.contains("text/event-stream") ?? false
        let follow = try request.flag("follow")
        guard accepts || follow else {
            let limit = try request.pageLimit()
            let page = try await events.events(after: after, filter: filter, limit: limit)
            let next = page.count == limit ? page.last.map { String($0.sequence) } : nil
            return try .json(Page(items: page.map(EventDocument.init(_:)), next: next))
        }
        // A client that comes back says where it was; that is newer than what its address says.
        let last = try request.headers[.lastEventID].map(Self.sequence) ?? after
        let listener = events.listen(after: max(after, last), filter: filter)
        var stream = EventStream(listener: listener, writeDeadline: writeDeadline, listeners: listeners)
        if let accounts, let credential = context.credential {
            let shown = filter
            let standing = StreamStanding(accounts, credential, user: context.caller.user) { caller in
                var present = shown
                present.limit(to: caller)
                guard present.showsAll(of: shown) else {
                    throw RucheError(
                        .forbidden, "the rights that this stream was opened with have changed: open it again")
                }
            }
            // So that its end is known from the beginning.
            try await standing.check()
            stream.standing = standing
        }
        return try stream.response(request, context)
    }

    private static func sequence(_ text: String) throws -> Int64 {
        guard let sequence = Int64(text), sequence >= 0 else {
            throw RucheError(.invalidInput, "the Last-Event-ID \"\(text.prefix(40))\" is no sequence number")
        }
        return sequence
    }
}

extension EventDocument {
    init(_ event: Event) {
        self.init(
            sequence: event.sequence, time: event.time, subject: event.subject, kind: event.kind, data: event.data)
        owner = event.owner
        actor = event.actor
    }
}
