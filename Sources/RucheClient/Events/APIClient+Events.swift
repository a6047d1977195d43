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

    /// A stream that stood this long is one of a server that is there, with events or without.
    static let standing = Duration.seconds(10)

    /// Replays the events after `sequence`, of one subject when it is given, then follows until `onEvent`
    /// says stop. A stream that breaks is asked for again after the last event seen, so none is lost and
    /// none comes twice.
    ///
    /// A server that is started again may take a while: its failure is thrown once it was not there for `patience`.
    package func followEvents(
        after sequence: Int64 = 0, subject: String? = nil, patience: Duration = .seconds(60),
        _ onEvent: (EventDocument) async throws -> EventReading
    ) async throws {
        var last = sequence
        var failures = 0
        var alive = ContinuousClock.now
        while true {
            let before = last
            var opened: ContinuousClock.Instant?
            var failure = ended
            do {
                let reading = try await streamEvents(after: last, subject: subject, opened: &opened) { event in
                    guard event.sequence > last else { return .goOn }
                    last = event.sequence
                    do { return try await onEvent(event) } catch { throw ReaderFailure(error: error) }
                }
                if reading == .stop { return }
            } catch let error as ReaderFailure {
                throw error.error
            } catch let error as RucheError where error.code == .serverUnavailable {
                failure = error
            }
            let now = ContinuousClock.now
            if last > before || opened.map({ now - $0 >= Self.standing }) == true {
                failures = 0
                alive = now
            }
            guard now - alive < patience else { throw failure }
            try await Task.sleep(for: reconnectDelay * (1 << min(failures, 6)))
            failures += 1
            try await recoverConnection()
        }
    }

    /// One connection of the stream; returns `goOn` when the server ended it. `opened` is when the server gave it.
    private func streamEvents(
        after sequence: Int64, subject: String?, opened: inout ContinuousClock.Instant?,
        _ onEvent: (EventDocument) async throws -> EventReading
    ) async throws -> EventReading {
        let request = APIRequest(
            .GET, "/api/v1/events", query: [("after", "\(sequence)"), ("subject", subject)],
            accept: "text/event-stream")
        let response = try await send(request)
        opened = ContinuousClock.now
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
