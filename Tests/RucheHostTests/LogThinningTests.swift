import Glibc
import RucheHost
import Support
import SystemPackage
import Testing

@Suite struct LogThinningTests {
    private static let limit: Int64 = 1 << 20

    /// A writer as conmon is one: it appends and knows nothing of holes.
    private func append(_ numbers: Range<Int>, to log: FilePath) throws {
        let file = try FileDescriptor.open(
            log, .writeOnly, options: [.append, .create], permissions: [.ownerReadWrite])
        let text = numbers.map { "2026-01-01T00:00:00.000000000+00:00 stdout F line \($0)\n" }.joined()
        _ = try file.closeAfter { try file.writeAll(text.utf8) }
    }

    private func blocks(_ log: FilePath) -> Int64 {
        var status = stat()
        return stat(log.string, &status) == 0 ? Int64(status.st_blocks) * 512 : 0
    }

    /// The numbers of the lines before the gap and after it.
    private func parts(_ log: FilePath) throws -> (head: [Int], gap: LogGap, newest: [Int]) {
        let gap = try #require(LogGap(of: log))
        let bytes = try AtomicFile.read(log)
        func numbers(_ part: ArraySlice<UInt8>) -> [Int] {
            part.split(separator: 10).compactMap { line in
                Int(String(decoding: line, as: UTF8.self).split(separator: " ").last ?? "")
            }
        }
        return (numbers(bytes[..<Int(gap.from)]), gap, numbers(bytes[Int(gap.to)...]))
    }

    @Test func theBeginningAndTheNewestStayAndTheRestIsCounted() async throws {
        try await Scratch.with { folder in
            let log = folder.appending("console.log")
            for piece in 0..<60 {
                try append((piece * 2000)..<((piece + 1) * 2000), to: log)
                try LogThinning.thin(log, limit: Self.limit)
                #expect(blocks(log) <= Self.limit + (64 << 10), "after piece \(piece)")
            }
            let (head, gap, newest) = try parts(log)
            #expect(head == Array(0..<head.count) && head.count > 4000)
            let first = try #require(newest.first)
            #expect(newest == Array(first..<120_000) && newest.count > 8000)
            #expect(gap.lines == Int64(first - head.count) && gap.error == 0)
            #expect(gap.output == (head.count..<first).reduce(0) { $0 + Int64("line \($1)\n".utf8.count) })
            let text = String(decoding: try AtomicFile.read(log)[Int(gap.from)...].prefix(200), as: UTF8.self)
            #expect(text.hasPrefix("- stderr F [\(gap.lines) lines (\(gap.bytes) bytes) were dropped here]\n"))
        }
    }

    @Test func aLineOfSeveralRecordsIsOneAndIsNotCutApart() async throws {
        try await Scratch.with { folder in
            let log = folder.appending("console.log")
            let part = String(repeating: "x", count: 100)
            let line = "T stdout P \(part)\nT stdout P \(part)\nT stdout F end\n"
            try AtomicFile.write(Array(String(repeating: line, count: 20_000).utf8), to: log)
            let gap = try #require(try LogThinning.thin(log, limit: Self.limit))
            #expect(gap.records == 3 * gap.lines)
            let size = Int64(line.utf8.count)
            #expect(gap.from % size == 0 && gap.to % size == 0 && gap.lines == gap.bytes / size)
        }
    }

    @Test func aLogWithinItsLimitIsLeftAlone() async throws {
        try await Scratch.with { folder in
            let log = folder.appending("console.log")
            #expect(try LogThinning.thin(log, limit: Self.limit) == nil, "there is none")
            try append(0..<10_000, to: log)
            let before = try AtomicFile.read(log)
            #expect(try LogThinning.thin(log, limit: Self.limit) == nil)
            #expect(try AtomicFile.read(log) == before)
        }
    }

    @Test func linesThatNeverEndAreNotCutApart() async throws {
        try await Scratch.with { folder in
            let log = folder.appending("console.log")
            try AtomicFile.write([UInt8](repeating: 120, count: 4 << 20), to: log)
            #expect(try LogThinning.thin(log, limit: Self.limit) == nil)
            #expect(try AtomicFile.read(log).count == 4 << 20)
        }
    }

    @Test func whatAKillLeftBetweenTheTwoStepsIsDoneAtTheNextLook() async throws {
        try await Scratch.with { folder in
            let log = folder.appending("console.log")
            try append(0..<40_000, to: log)
            let whole = try AtomicFile.read(log)
            let gap = try #require(try LogThinning.thin(log, limit: Self.limit))
            // As if it had been killed before the hole: all is there, and said to be gone.
            try AtomicFile.write(whole, to: log)
            #expect(try LogThinning.thin(log, limit: Self.limit) == gap)
            try append(40_000..<60_000, to: log)
            try LogThinning.thin(log, limit: Self.limit)
            #expect(blocks(log) <= Self.limit + (64 << 10))
            let (head, after, newest) = try parts(log)
            #expect(after.from == gap.from && Int64(head.count) + after.lines + Int64(newest.count) == 60_000)
        }
    }

    @Test func aGapFileThatIsDamagedIsNone() async throws {
        try await Scratch.with { folder in
            let log = folder.appending("console.log")
            for text in ["", "1 2 3", "a b c d", "5 5 1 1", "-1 2 3 4", "9 4 2 2", "1 2 3 4 5"] {
                try AtomicFile.write(Array(text.utf8), to: LogGap.path(log))
                #expect(LogGap(of: log) == nil, "\(text)")
            }
        }
    }
}
