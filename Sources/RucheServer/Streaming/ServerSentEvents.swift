package import Hummingbird
import NIOCore
import RucheCore
import ServiceLifecycle

/// One event of a `text/event-stream` (HTML standard, "Server-sent events").
package struct ServerSentEvent: Hashable, Sendable {
    package var id: String?
    package var event: String?
    package var data: String
    package init(id: String? = nil, event: String? = nil, data: String) {
        self.id = id
        self.event = event
        self.data = data
    }

    /// The bytes on the wire. Line breaks in `data` become lines of their own.
    package var text: String {
        var text = ""
        if let id { text += "id: \(id)\n" }
        if let event { text += "event: \(event)\n" }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            text += "data: \(line)\n"
        }
        return text + "\n"
    }
}

extension Response {
    /// Sends events as they come, a comment every 15 s so that proxies keep the connection, and ends with
    /// the sequence, the client, or the server. A failure of the sequence is sent as an event `error` with
    /// a problem document. A client over 1,000 events behind is dropped; it comes back with its `Last-Event-ID`.
    package static func eventStream(
        _ request: Request, requestID: String, keepAlive: Duration = .seconds(15),
        _ events: AsyncThrowingStream<ServerSentEvent, any Error>
    ) -> Response {
        let body = ResponseBody { writer in
            // A first comment makes the headers leave now.
            try await writer.write(ByteBuffer(string: ": \(requestID)\n\n"))
            let (output, sink) = AsyncStream<ByteBuffer>.makeStream(bufferingPolicy: .bufferingOldest(1000))
            var current = writer
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await pump(events, into: sink, requestID: requestID) }
                group.addTask {
                    while !Task.isCancelled {
                        try await Task.sleep(for: keepAlive)
                        sink.yield(ByteBuffer(string: ":\n\n"))
                    }
                }
                group.addTask { try await watch(request, sink) }
                for await buffer in output.cancelOnGracefulShutdown() { try await current.write(buffer) }
                group.cancelAll()
            }
            try await current.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    private static func pump(
        _ events: AsyncThrowingStream<ServerSentEvent, any Error>, into sink: AsyncStream<ByteBuffer>.Continuation,
        requestID: String
    ) async {
        defer { sink.finish() }
        do {
            for try await event in events {
                if case .dropped = sink.yield(ByteBuffer(string: event.text)) { return }
            }
        } catch is CancellationError {
            return  // the client or the server ended it: there is nobody to tell
        } catch {
            let document = ErrorReport(error, requestID: requestID).document
            let data = (try? JSONCoding.encode(document)).map { String(buffer: $0) } ?? "{}"
            sink.yield(ByteBuffer(string: ServerSentEvent(event: "error", data: data).text))
        }
    }

    /// Ends the stream when the client closes its side.
    private static func watch(_ request: Request, _ sink: AsyncStream<ByteBuffer>.Continuation) async throws {
        try await request.body.consumeWithInboundCloseHandler { _ in
            try await Task.sleep(for: .seconds(1 << 30))
        } onInboundClosed: {
            sink.finish()
        }
    }
}
