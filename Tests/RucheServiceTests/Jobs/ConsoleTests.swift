import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheService

@Suite struct ConsoleTests {
    private static let time = "2026-01-01T00:00:00.000000000Z"

    private func split(_ text: [UInt8]) async throws -> (out: [UInt8], err: [UInt8]) {
        try await Scratch.with { folder in
            let console = folder.appending("console.log")
            try AtomicFile.write(text, to: console, durable: false)
            #expect(try await ConsoleSplitter.split(console, into: folder) == ["out.log", "err.log"])
            return (
                try AtomicFile.read(folder.appending("out.log")), try AtomicFile.read(folder.appending("err.log"))
            )
        }
    }

    @Test(
        arguments: [
            ("T stdout F a\nT stderr F b\n", "a\n", "b\n"), ("T stdout P a\nT stdout F b\n", "ab\n", ""),
            ("T stdout F\nT stdout F \nT stdout F  x y \n", "\n\n x y \n", ""),
            ("T stdout F whole\nT stdout F torn", "whole\n", ""),
            ("no record\n\nT other F x\nT stdoutF x\nT stdout\nT stderr P e\n", "", "e"), ("", "", ""),
        ])
    func givesEachStreamItsBytes(console: String, out: String, err: String) async throws {
        let found = try await split(Array(console.utf8))
        #expect(String(decoding: found.out, as: UTF8.self) == out)
        #expect(String(decoding: found.err, as: UTF8.self) == err)
    }

    @Test func splitsAFloodOfShortLinesFast() async throws {
        let count = 1_000_000
        let records = ["\(Self.time) stdout F y\n", "\(Self.time) stderr F n\n"].map { Array($0.utf8) }
        var console: [UInt8] = []
        console.reserveCapacity(count * records[0].count)
        for _ in 0..<(count / 2) {
            console += records[0]
            console += records[1]
        }
        let start = ContinuousClock.now
        let found = try await split(console)
        let taken = (ContinuousClock.now - start).seconds
        print("\(count) lines were split in \(taken) s")
        #expect(found.out == Array(repeatElement([121, 10], count: count / 2).joined()))
        #expect(found.err == Array(repeatElement([110, 10], count: count / 2).joined()))
        // Twenty times what it takes on an idle machine in a program built for debugging.
        #expect(taken < 20)
    }

    @Test func keepsARecordThatIsLongerThanAPiece() async throws {
        let long = [UInt8](repeating: 120, count: 3 << 20)
        let found = try await split(Array("T stdout F ".utf8) + long + Array("\nT stderr F e\n".utf8))
        #expect(found.out == long + [10])
        #expect(found.err == [101, 10])
    }

    @Test func linesOfBothStreamsComeInTheOrderOfTheirTimes() {
        var parser = ConsoleParser()
        let text = "1 stdout P be\n2 stderr F err\n3 stdout F gun\n4 stderr P last\n5 stdout P later\n6 stderr P one\n"
        let lines = parser.feed(Array(text.utf8)) + parser.finish()
        #expect(lines.map(\.text) == ["err", "begun", "later", "lastone"])
        #expect(lines.map(\.time) == ["2", "3", "5", "6"])
        #expect(lines.map(\.stream) == ["stderr", "stdout", "stdout", "stderr"])
    }
}
