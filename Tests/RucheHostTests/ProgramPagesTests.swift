import RucheHost
import SystemPackage
import Testing

struct ProgramPagesTests {
    @Test func givesBackCodeThatGoesOnRunning() async throws {
        var (before, after) = (0, 0)
        // Other tests run meanwhile, and what they run is mapped again before it is counted.
        for _ in 0..<10 {
            before = try max(before, mapped())
            ProgramPages.releaseCode()
            after = try mapped()
            if after < before / 2 { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(after < before / 2, "\(before) KiB before, \(after) after")
        #expect((1...1000).map(String.init).joined().count == 2893)
    }

    /// KiB of code of files that is mapped and in memory (proc(5), `smaps`).
    private func mapped() throws -> Int {
        let text = String(decoding: try AtomicFile.read("/proc/self/smaps"), as: UTF8.self)
        var (sum, isCode) = (0, false)
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            if fields[0] == "Rss:" {
                if isCode { sum += try #require(Int(fields[1])) }
            } else if !fields[0].hasSuffix(":") {
                // "from-to r-xp offset device inode path"
                isCode = fields.count >= 6 && fields[1] == "r-xp" && fields[5].hasPrefix("/")
            }
        }
        return sum
    }
}
