import RucheCore
import RucheService
import RucheStore
import Support
import SystemPackage
import Testing

@Suite struct DatabaseEventLogTests {
    @Test func aFollowerGetsWhatWasAndWhatComesWithoutGaps() async throws {
        try await Scratch.with { folder in
            let log = DatabaseEventLog(database: try SQLiteDatabase(path: folder.appending("ruche.db")))
            for index in 0..<300 { try await log.append(subject: "s", kind: "k", data: .integer(Int64(index))) }
            async let later: Void = {
                for index in 300..<600 { try await log.append(subject: "s", kind: "k", data: .integer(Int64(index))) }
            }()
            var sequences: [Int64] = []
            for try await event in log.follow(after: 10, subject: "s") {
                sequences.append(event.sequence)
                if sequences.count == 590 { break }
            }
            try await later
            #expect(sequences == Array(11...600))
        }
    }

    @Test func aFollowerThatIsCancelledEnds() async throws {
        try await Scratch.with { folder in
            let log = DatabaseEventLog(database: try SQLiteDatabase(path: folder.appending("ruche.db")))
            let reader = Task {
                for try await _ in log.follow(after: 0, subject: nil) {}
                return true
            }
            try await log.append(subject: "s", kind: "k", data: .null)
            reader.cancel()
            _ = await reader.result
        }
    }
}
