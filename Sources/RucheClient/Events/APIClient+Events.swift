import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import RucheCore
package import RucheWire

extension APIClient {
    /// What a reader of events wants next.
    package enum EventReading: Sendable {
        case goOn, stop
    }

    /// Times a stream is asked for again without an event in between, before the failure is thrown.
    private static let attempts = 8

    /// Replays the events after `sequence`, of one subject when it is given, then follows until `onEvent`
    /// says stop. A stream that breaks is asked for again after the last event seen, so none is lost and
    /// none comes twice.
    package func followEvents(
        after sequence: Int64 = 0, subject: String? = nil,
        _ onEvent: (EventDocument) async throws -> EventReading
    ) async throws {
        var last = sequence
        var failures = 0
        while true {
            var seen = false
            do {
                let reading = try await streamEvents(after: last, subject: subject) { event in
                    guard event.sequence > last else { return .goOn }
                    last = event.sequence
                    seen = true
                    do { return try await onEvent(event) } catch { throw ReaderFailure(error: error) }
                }
                if reading == .stop { return }
                failures = seen ? 0 : failures + 1
                if failures >= Self.attempts { throw ended }
            } catch let failure as ReaderFailure {
                throw failure.error
            } catch let error as RucheError where error.code == .serverUnavailable {
                failures = seen ? 1 : failures + 1
                if failures >= Self.attempts { throw error }
            }
            try await Task.sleep(for: reconnectDelay * (1 << max(0, failures - 1)))
            try await recoverConnection()
        }
    }

    /// One connection of the stream; returns `goOn` when the server ended it.
    private func streamEvents(
        after sequence: Int64, subject: String?, _ onEvent: (EventDocument) async throws -> EventReading
    ) async throws -> EventReading {
        let request = APIRequest(
            .GET, "/api/v1/events", query: [("after", "\(sequence)"), ("subject", subject)],
            accept: "text/event-stream")
        let response = try await send(request)
        var parser = ServerSentEventParser()
        return try await reading {
            for try await buffer in response.body {
                for message in parser.append(buffer.readableBytesView) {
                    if message.event == "error" {
                        throw ResponseFailure.failure(status: 500, body: Array(message.data.utf8), path: request.path)
                    }
                    let event = try JSON.decodeAnswer(
                        EventDocument.self, from: Array(message.data.utf8), path: request.path)
                    if try await onEvent(event) == .stop { return .stop }
                }
            }
            return .goOn
        }
    }

    private var ended: RucheError {
        RucheError(.serverUnavailable, "the server at \(address) ends the stream of events again and again")
    }
}
