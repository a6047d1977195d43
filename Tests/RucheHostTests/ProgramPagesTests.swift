import RucheHost
import SystemPackage
import Testing

struct ProgramPagesTests {
    @Test func givesBackCodeThatGoesOnRunning() throws {
        let before = try mapped()
        ProgramPages.releaseCode()
        let after = try mapped()
        #expect(after < before / 2, "\(before) KiB before, \(after) after")
        #expect((1...1000).map(String.init).joined().count == 2893)
    }

    /// KiB of files that are mapped and in memory (proc(5), `RssFile` of `status`).
    private func mapped() throws -> Int {
        let text = String(decoding: try AtomicFile.read("/proc/self/status"), as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
        return try #require(Int(line.filter(\.isNumber)))
    }
}
