import RucheClient
import RucheCore
import RucheWire
import Testing

@Suite struct EventStreamTests {
    private static func event(_ sequence: Int, _ kind: String = "job.progressed") -> String {
        #"id: \#(sequence)"# + "\n"
            + #"data: {"data":{},"kind":"\#(kind)","sequence":\#(sequence),"subject":"job:x","time":1}"# + "\n\n"
    }

    private static func stream(_ pieces: String..., breaksOff: Bool = false) -> StubServer.Answer {
        StubServer.Answer(headers: [("content-type", "text/event-stream")], pieces: pieces, breaksOff: breaksOff)
    }

    @Test func asksAgainAfterTheLastEventSeen() async throws {
        try await ClientFixture.with { _, number in
            number == 1
                ? Self.stream(Self.event(3), Self.event(4), "id: 5\ndata: {\"half", breaksOff: true)
                : Self.stream(Self.event(4), Self.event(5), Self.event(6, "job.ended"))
        } _: { client, server, _ in
            var seen: [Int64] = []
            try await client.followEvents(after: 2, subject: "job:x") { event in
                seen.append(event.sequence)
                return event.kind == "job.ended" ? .stop : .goOn
            }
            #expect(seen == [3, 4, 5, 6])
            #expect(server.requests.map(\.target) == [
                "/api/v1/events?after=2&subject=job%3Ax", "/api/v1/events?after=4&subject=job%3Ax",
            ])
            #expect(server.requests.first?.headers["accept"] == "text/event-stream")
        }
    }

    @Test func givesUpOnAServerThatOnlyEndsStreams() async throws {
        try await ClientFixture.with { _, _ in Self.stream() } _: { client, server, _ in
            let error = try await #require(throws: RucheError.self) { try await client.followEvents { _ in .goOn } }
            #expect(error.code == .serverUnavailable)
            #expect(server.requests.count == 8)
        }
    }

    @Test func throwsWhatTheReaderThrowsAndDoesNotAskAgain() async throws {
        struct Refusal: Error {}
        try await ClientFixture.with { _, _ in Self.stream(Self.event(1)) } _: { client, server, _ in
            await #expect(throws: Refusal.self) { try await client.followEvents { _ in throw Refusal() } }
            await #expect(throws: RucheError.self) {
                try await client.followEvents { _ in throw RucheError(.serverUnavailable, "mine") }
            }
            #expect(server.requests.count == 2)
        }
    }

    @Test func throwsTheServersRefusal() async throws {
        try await ClientFixture.with { _, _ in .init(status: 401) } _: { client, server, _ in
            let error = try await #require(throws: RucheError.self) { try await client.followEvents { _ in .goOn } }
            #expect(error.code == .unauthorized)
            #expect(server.requests.count == 1)
        }
    }
}
