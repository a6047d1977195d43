import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheEngines

@Suite struct ConsoleLogWriterTests {
    private func records(_ count: Int) -> [DockerFrames.Record] {
        (0..<count).map { number in
            DockerFrames.Record(
                isError: false, payload: Array("2026-01-01T00:00:00.000000000Z line \(number)\n".utf8)[...])
        }
    }

    /// A process that takes over reads the daemon's log from its beginning, also when the middle of ours is gone.
    @Test func aWriterThatComesAfterAThinningDoublesAndLosesNothing() async throws {
        try await Scratch.with { folder in
            let log = folder.appending("console.log")
            var writer = try ConsoleLogWriter(log, limit: 1 << 30)
            try writer.add(records(40_000))
            writer.close()
            try LogThinning.thin(log, limit: 1 << 20)
            let size = try AtomicFile.read(log).count
            var second = try ConsoleLogWriter(log, limit: 1 << 30)
            try second.add(records(40_000))
            #expect(try AtomicFile.read(log).count == size, "it had all of them")
            try second.add(records(40_002).suffix(2))
            second.close()
            try LogThinning.thin(log, limit: 1 << 20)
            let lines = String(decoding: try AtomicFile.read(log)[size...], as: UTF8.self).split(separator: "\n")
            #expect(lines.map { $0.split(separator: " ").last } == ["40000", "40001"])
        }
    }
}
