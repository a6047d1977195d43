import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheEngines

@Suite struct LXDLogTests {
    @Test(arguments: [false, true]) func anotherProcessGoesOnWhereOneEnded(isThinned: Bool) async throws {
        try await Scratch.with { scratch in
            let folder = LXDFolder(scratch: scratch)
            try FileTree.makeFolder(folder.shared)
            func say(_ numbers: Range<Int>, isError: Bool = false) throws {
                let file = try FileDescriptor.open(
                    folder.stream(isError: isError), .writeOnly, options: [.append, .create],
                    permissions: [.ownerReadWrite])
                _ = try file.closeAfter { try file.writeAll(numbers.map { "line \($0)\n" }.joined().utf8) }
            }
            func takeAll() async throws {
                var log = LXDLog(folder, limit: .max)
                while try await log.take() {}
            }
            try say(0..<60_000)
            try say(0..<1000, isError: true)
            try await takeAll()
            let gap = isThinned ? try LogThinning.thin(folder.consoleLog, limit: 1 << 20) : nil
            #expect((gap != nil) == isThinned)
            try say(60_000..<60_100)
            try say(1000..<1100, isError: true)
            try await takeAll()

            let newest = String(decoding: try AtomicFile.read(folder.consoleLog)[Int(gap?.to ?? 0)...], as: UTF8.self)
            let records = newest.split(separator: "\n").map {
                $0.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
            }
            /// The lines of a stream, of which a record may be a part.
            func numbers(_ stream: String) -> [Int] {
                records.filter { $0[1] == stream }.map { $0[3] + ($0[2] == "F" ? "\n" : "") }.joined()
                    .split(separator: "\n").compactMap { Int($0.dropFirst("line ".count)) }
            }
            let first = try #require(numbers("stdout").first)
            #expect((first > 0) == isThinned && !newest.contains("\0"))
            #expect(numbers("stdout") == Array(first..<60_100), "from \(first)")
            #expect(numbers("stderr") == Array(0..<1100))
        }
    }
}
