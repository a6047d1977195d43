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
        try await ClientFixture.with { request, number in
            let after = request.target.wholeMatch(of: /.*after=([0-9]+).*/).flatMap { Int($0.output.1) } ?? 0
            let events = (after + 1...6).map { Self.event($0, $0 == 6 ? "job.ended" : "job.progressed") }
            // The first connection breaks within an event, and repeats one that was seen.
            return number == 1
                ? Self.stream(events[0], events[1], "id: 5\ndata: {\"half", breaksOff: true)
                : Self.stream(Self.event(3), events.joined())
        } _: { client, server, _ in
            var seen: [Int64] = []
            try await client.followEvents(after: 2, subject: "job:x") { event in
                seen.append(event.sequence)
                return event.kind == "job.ended" ? .stop : .goOn
            }
            #expect(seen == [3, 4, 5, 6])
            // How much of a broken connection arrives is the network's choice; what follows is asked for, no more.
            #expect(server.requests.count == 2)
            #expect(server.requests.first?.target == "/api/v1/events?after=2&subject=job%3Ax")
            #expect(server.requests.first?.headers["accept"] == "text/event-stream")
        }
    }

    @Test func givesUpOnAServerThatOnlyEndsStreams() async throws {
        try await ClientFixture.with { _, _ in
            Self.stream()
        } _: { client, server, _ in
            let begin = ContinuousClock.now
            let patience = Duration.milliseconds(100)
            let error = try await #require(throws: RucheError.self) {
                try await client.followEvents(patience: patience) { _ in .goOn }
            }
            #expect(error.code == .serverUnavailable)
            #expect(ContinuousClock.now - begin >= patience)
            // The pauses before the eighth take longer than that together, as each is twice the one before.
            #expect(server.requests.count <= 8)
        }
    }

    @Test func waitsForAServerThatIsLongInComing() async throws {
        try await ClientFixture.with { _, number in
            number <= 12 ? Self.stream() : Self.stream(Self.event(1, "job.ended"))
        } _: { client, server, _ in
            try await client.followEvents { $0.kind == "job.ended" ? .stop : .goOn }
            #expect(server.requests.count == 13)
        }
    }

    @Test func throwsWhatTheReaderThrowsAndDoesNotAskAgain() async throws {
        struct Refusal: Error {}
        try await ClientFixture.with { _, _ in
            Self.stream(Self.event(1))
        } _: { client, server, _ in
            await #expect(throws: Refusal.self) { try await client.followEvents { _ in throw Refusal() } }
            await #expect(throws: RucheError.self) {
                try await client.followEvents { _ in throw RucheError(.serverUnavailable, "mine") }
            }
            #expect(server.requests.count == 2)
        }
    }

    @Test func throwsTheServersRefusal() async throws {
        try await ClientFixture.with { _, _ in
            .init(status: 401)
        } _: { client, server, _ in
            let error = try await #require(throws: RucheError.self) { try await client.followEvents { _ in .goOn } }
            #expect(error.code == .unauthorized)
            #expect(server.requests.count == 1)
        }
    }
}
