import HTTPTypes
import Hummingbird
import RucheCore
package import RucheService
import RucheWire

/// Everything that happens, as pages of JSON or as a live stream.
package struct EventRoutes: Sendable {
    private let events: any EventLog

    package init(_ events: any EventLog) { self.events = events }

    package var routes: [Route] {
        [
            Route(
                .get, "/api/v1/events", access: .right(.read),
                RouteDocumentation(
                    """
                    Events, oldest first. With `Accept: text/event-stream` they are streamed: what came after \
                    `after` or `Last-Event-ID` first, then live.
                    """,
                    query: [
                        "after": "The sequence number of the last event known, 0 by default.",
                        "subject": "Only events about this, such as `job:ID`.",
                        "limit": "At most so many, 1 to 1000; not for streams.",
                        "follow": "Stream as with `Accept: text/event-stream`.",
                    ], response: "Page<EventDocument>")
            ) { request, context in try await list(request, context) }
        ]
    }

    private func list(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let after = Int64(try request.integer("after", in: 0...Int.max) ?? 0)
        let subject = request.query("subject")
        let accepts = request.headers[.accept]?.contains("text/event-stream") ?? false
        let follow = try request.flag("follow")
        guard accepts || follow else {
            let limit = try request.pageLimit()
            let page = try await events.events(after: after, subject: subject, limit: limit)
            let next = page.count == limit ? page.last.map { String($0.sequence) } : nil
            return try .json(Page(items: page.map(EventDocument.init(_:)), next: next))
        }
        // A client that comes back says where it was; that is newer than what its address says.
        let last = try request.headers[.lastEventID].map(Self.sequence) ?? after
        let stream = events.follow(after: max(after, last), subject: subject)
        return .eventStream(request, requestID: context.requestID, Self.sent(stream))
    }

    private static func sequence(_ text: String) throws -> Int64 {
        guard let sequence = Int64(text), sequence >= 0 else {
            throw RucheError(.invalidInput, "the Last-Event-ID \"\(text.prefix(40))\" is no sequence number")
        }
        return sequence
    }

    private static func sent(
        _ events: AsyncThrowingStream<Event, any Error>
    ) -> AsyncThrowingStream<ServerSentEvent, any Error> {
        let reader = Reader(events)
        return AsyncThrowingStream { try await reader.next() }
    }

    /// Pulls one event at a time, so that a slow client slows the reading.
    private actor Reader {
        private var iterator: AsyncThrowingStream<Event, any Error>.AsyncIterator?

        init(_ events: AsyncThrowingStream<Event, any Error>) { iterator = events.makeAsyncIterator() }

        func next() async throws -> ServerSentEvent? {
            guard var current = iterator else { return nil }
            iterator = nil
            let event = try await current.next(isolation: self)
            iterator = current
            guard let event else { return nil }
            return ServerSentEvent(
                id: String(event.sequence), event: event.kind,
                data: String(buffer: try JSONCoding.encode(EventDocument(event))))
        }
    }
}

extension EventDocument {
    init(_ event: Event) {
        self.init(
            sequence: event.sequence, time: event.time, subject: event.subject, kind: event.kind, data: event.data)
    }
}
