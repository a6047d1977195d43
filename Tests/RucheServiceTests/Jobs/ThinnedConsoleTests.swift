import Glibc
import RucheCore
import RucheEngines
import RucheHost
import Support
import Synchronization
import SystemPackage
import Testing

@testable import RucheService

/// Consoles of which the middle is gone.
@Suite struct ThinnedConsoleTests {
    private static let limit: Int64 = 1 << 20
    private static let count = 60_000

    private func record(_ number: Int) -> String {
        "2026-01-01T00:00:00.000000000Z \(number % 2 == 0 ? "stdout" : "stderr") F line \(number)\n"
    }

    private func with(_ body: (JobFolder, LogGap) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let job = JobFolder(data: folder, id: try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzz")))
            try FileTree.makeFolder(job.scratch)
            let text = (0..<Self.count).map(record).joined()
            try AtomicFile.write(Array(text.utf8), to: job.liveConsole, durable: false)
            let gap = try #require(try LogThinning.thin(job.liveConsole, limit: Self.limit))
            try await body(job, gap)
        }
    }

    private func read(_ job: JobFolder, _ change: (inout LogSelection) -> Void = { _ in }) async throws -> [ConsoleLine]
    {
        var selection = LogSelection()
        change(&selection)
        var lines: [ConsoleLine] = []
        for try await line in ConsoleLogReader(folder: job).lines(selection, follow: true, isOver: { true }) {
            lines.append(line)
        }
        return lines
    }

    @Test func readersAreToldWhereLinesAreMissingAndHowMany() async throws {
        try await with { job, gap in
            let lines = try await read(job)
            #expect(lines.count == Self.count - Int(gap.lines) + 1)
            let place = try #require(lines.firstIndex { $0.text.contains("dropped") })
            #expect(lines[place].text == "[\(gap.lines) lines (\(gap.bytes) bytes) were dropped here]")
            #expect(lines[place + 1].text == "line \(place + Int(gap.lines))" && lines.last?.text == "line 59999")
            #expect(lines[..<place].map(\.text) == (0..<place).map { "line \($0)" })
            // Also for who wants one stream only, and from inside the gap.
            let out = try await read(job) { $0.stream = "stdout" }
            #expect(out.contains { $0.text == gap.notice } && out.allSatisfy { $0.stream == "stdout" || $0.time == "" })
            let inside = try await read(job) { $0.after = gap.from + 100 }
            #expect(inside.first?.text == gap.notice && inside.count == lines.count - place)
            let late = try await read(job) { $0.after = lines[place + 5].position }
            #expect(late.first?.text == lines[place + 6].text)
        }
    }

    @Test func theTailEndsAtTheGap() async throws {
        try await with { job, gap in
            #expect(try await read(job) { $0.tail = 3 }.map(\.text) == ["line 59997", "line 59998", "line 59999"])
            let all = try await read(job) { $0.tail = LogSelection.tailLimit }
            #expect(all.first?.text == gap.notice && all.last?.text == "line 59999")
            let oldest = try #require(Int(all[1].text.dropFirst(5)))
            #expect(all.dropFirst().map(\.text) == (oldest..<Self.count).map { "line \($0)" })
        }
    }

    @Test func whoFollowsLosesNothingThatIsStillThereWhenTheLogMovesAndIsThinned() async throws {
        try await with { job, _ in
            let file = try FileDescriptor.open(job.liveConsole, .writeOnly, options: [.append])
            defer { try? file.close() }
            var next = Self.count
            var numbers: [Int] = []
            var isMoved = false
            var selection = LogSelection()
            selection.tail = 1
            let reader = ConsoleLogReader(folder: job)
            let isOver = Mutex(false)
            for try await line in reader.lines(selection, follow: true, isOver: { isOver.withLock { $0 } }) {
                if let number = Int(line.text.dropFirst(5)) { numbers.append(number) }
                guard numbers.last == next - 1 else { continue }
                if next >= Self.count + 30_000 {
                    isOver.withLock { $0 = true }
                    continue
                }
                _ = try file.writeAll((next..<(next + 1000)).map(record).joined().utf8)
                next += 1000
                // Only what was read already is taken out: the newest half stays.
                try LogThinning.thin(isMoved ? job.console : job.liveConsole, limit: Self.limit)
                if next == Self.count + 15_000 {
                    try LogGap.move(job.liveConsole, to: job.console)
                    isMoved = true
                }
            }
            #expect(numbers == Array((Self.count - 1)..<(Self.count + 30_000)))
        }
    }

    @Test func theStreamsOfTheEndSayItToo() async throws {
        try await with { job, gap in
            try FileTree.makeFolder(job.logs)
            _ = try await ConsoleSplitter.split(job.liveConsole, into: job.logs)
            var whole = 0
            for (name, start) in [("out.log", 0), ("err.log", 1)] {
                let text = String(decoding: try AtomicFile.read(job.logs.appending(name)), as: UTF8.self)
                let lines = text.split(separator: "\n").map(String.init)
                #expect(lines.first == "line \(start)" && lines.last == "line \(Self.count - 2 + start)")
                #expect(lines.filter { $0 == gap.notice }.count == 1 && !text.contains("\0"))
                whole += lines.count - 1
            }
            #expect(whole == Self.count - Int(gap.lines))
        }
    }
}
