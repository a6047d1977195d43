import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheService

@Suite struct ConsoleLogReaderTests {
    /// 20,000 lines, every second one on standard error, a second apart.
    private func withConsole(_ body: (ConsoleLogReader) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let id = try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzz"))
            let job = JobFolder(data: folder, id: id)
            try FileTree.makeFolder(job.root)
            var text = ""
            for number in 0..<20_000 {
                let (minute, second) = (number / 60 % 60, number % 60)
                func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
                text += "2026-01-01T\(two(number / 3600)):\(two(minute)):\(two(second)).5Z "
                text += "\(number % 2 == 0 ? "stdout" : "stderr") F line \(number)\n"
            }
            try AtomicFile.write(Array(text.utf8), to: job.console, durable: false)
            try await body(ConsoleLogReader(folder: job))
        }
    }

    private func read(_ reader: ConsoleLogReader, _ change: (inout LogSelection) -> Void) async throws -> [ConsoleLine]
    {
        var selection = LogSelection()
        change(&selection)
        var lines: [ConsoleLine] = []
        for try await line in reader.lines(selection, follow: true, isOver: { true }) { lines.append(line) }
        return lines
    }

    @Test func theTailIsReadFromTheEnd() async throws {
        try await withConsole { reader in
            for count in [0, 1, 3, 10_000, 19_999, 20_000, 50_000] {
                let lines = try await read(reader) { $0.tail = count }
                #expect(lines.count == min(count, 20_000) && (count == 0 || lines.last?.text == "line 19999"))
            }
            let errors = try await read(reader) { ($0.tail, $0.stream) = (3, "stderr") }
            #expect(errors.map(\.text) == ["line 19995", "line 19997", "line 19999"])
        }
    }

    @Test func streamsTimesAndPositionsSelectLines() async throws {
        try await withConsole { reader in
            let out = try await read(reader) { $0.stream = "stdout" }
            #expect(out.count == 10_000 && out.allSatisfy { $0.stream == "stdout" })
            let since = try #require(Timestamp.milliseconds("2026-01-01T05:33:00Z"))
            let late = try await read(reader) { $0.since = since }
            #expect(late.first?.text == "line 19980" && late.count == 20)
            let all = try await read(reader) { _ in }
            let rest = try await read(reader) { $0.after = all[9_999].position }
            #expect(rest.first?.text == "line 10000" && rest.count == 10_000 && rest.last == all.last)
            let few = try await read(reader) { ($0.from, $0.limit) = (100, 2) }
            #expect(few.map(\.text) == ["line 100", "line 101"])
        }
    }
}
