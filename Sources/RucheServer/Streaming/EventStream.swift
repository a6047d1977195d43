import Hummingbird
import NIOCore
import RucheCore
import RucheService
import RucheWire
import ServiceLifecycle
import Synchronization

/// Sends the events of a listener to one client as `text/event-stream`.
///
/// Nothing is kept for a client but its position. One that does not take what it is sent within
/// `writeDeadline` is cut off: it comes back with its `Last-Event-ID` and misses nothing.
struct EventStream: Sendable {
    let listener: EventListener
    var keepAlive = Duration.seconds(15)
    var writeDeadline = Duration.seconds(30)
    var listeners: ListenerCount
    /// Nil for who can't lose their rights.
    var standing: StreamStanding?

    /// A comment every `keepAlive` keeps proxies from closing the connection. A failure is sent as an event `error`
    /// with a problem document.
    func response(_ request: Request, _ context: AppRequestContext) throws -> Response {
        let place = try listeners.enter()
        let body = ResponseBody { writer in
            let unwatch = standing?.watch { listener.nudge() }
            defer {
                unwatch?()
                place.leave()
            }
            var current = writer
            let pending = PendingWrite()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watch(request) }
                group.addTask { await mind(pending, context) }
                // A first comment makes the headers leave now.
                var next: ByteBuffer? = ByteBuffer(string: ": \(context.requestID)\n\n")
                while let buffer = next {
                    pending.start()
                    try await current.write(buffer)
                    pending.end()
                    next = try await self.next(context)
                }
                group.cancelAll()
            }
            try await current.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    /// What is to be sent next; nil at the end.
    private func next(_ context: AppRequestContext) async throws -> ByteBuffer? {
        do {
            let events = try await listener.next()
            if events != nil { try await standing?.check() }
            return try events.map(Self.bytes)
        } catch let error where !(error is CancellationError) {
            listener.close()
            return Self.failure(error, context)
        }
    }

    private static func bytes(_ events: [PublishedEvent]) throws -> ByteBuffer {
        guard !events.isEmpty else { return ByteBuffer(string: ":\n\n") }
        let parts = try events.map { try $0.form(Self.bytes) }
        if parts.count == 1 { return parts[0] }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(parts.reduce(0) { $0 + $1.readableBytes })
        for var part in parts { buffer.writeBuffer(&part) }
        return buffer
    }

    @Sendable private static func bytes(_ event: Event) throws -> ByteBuffer {
        let data = String(buffer: try JSONCoding.encode(EventDocument(event)))
        return ByteBuffer(
            string: ServerSentEvent(id: String(event.sequence), event: event.kind, data: data).text)
    }

    private static func failure(_ error: any Error, _ context: AppRequestContext) -> ByteBuffer {
        let document = ErrorReport(error, requestID: context.requestID).document
        // Strings and numbers always encode.
        let data = (try? JSONCoding.encode(document)).map { String(buffer: $0) } ?? "{}"
        return ByteBuffer(string: ServerSentEvent(event: "error", data: data).text)
    }

    /// Keeps the connection busy, and cuts it off when a write waits for too long.
    private func mind(_ pending: PendingWrite, _ context: AppRequestContext) async {
        let longest = min(keepAlive, writeDeadline / 2)
        var quiet = Duration.zero
        while !Task.isCancelled {
            let left = standing?.timeLeft
            // A little later than the end, so that it has passed.
            let pause = left.map { min(longest, $0 + .milliseconds(20)) } ?? longest
            do { try await Task.sleep(for: pause) } catch { return }
            if let since = pending.begin, ContinuousClock.now - since >= writeDeadline {
                context.channel.close(mode: .all, promise: nil)
                listener.close()
                return
            }
            quiet += pause
            if quiet >= keepAlive || left.map({ $0 < longest }) == true {
                listener.nudge()
                quiet = .zero
            }
        }
    }

    /// Ends the stream when the client closes its side, or the server stops.
    private func watch(_ request: Request) async throws {
        try await request.body.consumeWithInboundCloseHandler { _ in
            do { try await gracefulShutdown() } catch is CancellationError { return }
            listener.close()
        } onInboundClosed: {
            listener.close()
        }
    }
}

/// The write that a client has not taken yet.
private final class PendingWrite: Sendable {
    private let state = Mutex<ContinuousClock.Instant?>(nil)

    var begin: ContinuousClock.Instant? { state.withLock { $0 } }

    func start() { state.withLock { $0 = .now } }
    func end() { state.withLock { $0 = nil } }
}
