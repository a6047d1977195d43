import RucheCore
import RucheService
import RucheStore
import Support
import SystemPackage
import Testing

@Suite struct EventListenerTests {
    private func withLog(_ body: @escaping @Sendable (DatabaseEventLog) async throws -> Void) async throws {
        try await Scratch.with { folder in
            try await body(DatabaseEventLog(database: SQLiteDatabase(path: folder.appending("ruche.db"))))
        }
    }

    private func read(_ listener: EventListener, _ count: Int) async throws -> [Event] {
        var found: [Event] = []
        while found.count < count, let events = try await listener.next() { found += events.map(\.event) }
        return found
    }

    @Test func everyListenerGetsEachEventOnceAndInOrderWhateverIsWrittenMeanwhile() async throws {
        try await withLog { log in
            for number in 0..<300 { try await log.append(subject: "s", kind: "a.old", data: .integer(Int64(number))) }
            let total = 300 + 20 * 150
            try await withThrowingTaskGroup(of: [Int64].self) { group in
                for start in [Int64(0), 10, 299, 300] + Array(repeating: 0, count: 16) {
                    group.addTask {
                        let listener = log.listen(after: start)
                        return try await read(listener, total - Int(start)).map(\.sequence).map { $0 - start }
                    }
                }
                for writer in 0..<20 {
                    group.addTask {
                        for number in 0..<150 {
                            try await log.append(subject: "w\(writer)", kind: "a.new", data: .integer(Int64(number)))
                        }
                        return []
                    }
                }
                for try await sequences in group where !sequences.isEmpty {
                    #expect(sequences == Array(1...Int64(sequences.count)))
                }
            }
        }
    }

    @Test func aFilterLeavesOutWhatDoesNotFit() async throws {
        try await withLog { log in
            let filter = EventFilter(subject: "job:*", kinds: ["job.ended", "queue.*"])
            let listener = log.listen(after: 0, filter: filter)
            for round in 0..<2 {
                for (subject, kind) in [
                    ("job:1", "job.ended"), ("job:1", "job.started"), ("operation:1", "job.ended"),
                    ("job:2", "queue.changed"), ("jobs", "job.ended"),
                ] { try await log.append(subject: subject, kind: kind, data: .integer(Int64(round))) }
                let found = try await read(listener, 2)
                #expect(found.map(\.subject) == ["job:1", "job:2"], "replayed and live alike")
            }
            #expect(try await log.events(after: 0, filter: filter, limit: 10).count == 4)
        }
    }

    @Test(arguments: [
        "job", "Job.ended", "job.ended;", "job.*.x", ".", "*.ended", String(repeating: "a", count: 99) + ".b",
    ])
    func whatIsNoKindIsRefused(_ text: String) {
        #expect(throws: RucheError.self) { try EventFilter.kinds(parsing: text) }
    }

    @Test func aNudgeWakesWithNothingAndClosingEnds() async throws {
        try await withLog { log in
            let listener = log.listen(after: 0)
            listener.nudge()
            let nothing = try await listener.next()
            #expect(nothing?.isEmpty == true)
            async let next = listener.next()
            listener.close()
            let last = try await next
            #expect(last?.count == nil)
        }
    }

    @Test func theFormOnTheWireIsMadeOnceForAll() {
        let event = PublishedEvent(Event(sequence: 1, time: 1, subject: "s", kind: "k", data: .null))
        let first = event.form { "\($0.sequence)" }
        let second = event.form { _ in "again" }
        #expect(first == "1" && second == "1")
    }
}
