import Glibc
package import SystemPackage

/// One process of this machine, told from a later one with the same number by when it started.
package struct ProcessIdentity: Hashable, Sendable, Codable {
    package let pid: Int32
    /// Clock ticks since the machine started (proc(5), field 22 of `stat`).
    package let startTime: UInt64

    /// Nil when no such process runs, or it has ended and was not collected yet.
    package init?(of pid: Int32) {
        guard pid > 1, let bytes = try? AtomicFile.read(FilePath("/proc/\(pid)/stat")) else { return nil }
        // The name in brackets may hold anything, brackets and blanks too.
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, fields[0] != [UInt8(ascii: "Z")], fields[0] != [UInt8(ascii: "X")],
            let start = UInt64(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        self.pid = pid
        startTime = start
    }

    package var isAlive: Bool { Self(of: pid) == self }

    /// Sends a signal; false when the process has gone.
    @discardableResult
    package func send(_ signal: Int32) -> Bool { isAlive && kill(pid, signal) == 0 }

    /// True when the process neither handles nor ignores the signal (proc(5), `SigCgt` and `SigIgn` of `status`).
    package func ends(by signal: Int32) -> Bool {
        guard isAlive, let bytes = try? AtomicFile.read(FilePath("/proc/\(pid)/status")) else { return false }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count == 2, fields[0] == "SigCgt:" || fields[0] == "SigIgn:" else { continue }
            guard let mask = UInt64(fields[1], radix: 16), mask & (1 << UInt64(signal - 1)) == 0 else { return false }
        }
        return true
    }

    /// The arguments the process was started with, empty when it has gone.
    package static func arguments(of pid: Int32) -> [String] {
        // A process that has gone has none.
        let bytes = (try? AtomicFile.read(FilePath("/proc/\(pid)/cmdline"))) ?? []
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Kills the processes whose working directory is below a folder, which a killed process started there, and waits
    /// until they have gone; a minute at most.
    package static func endAll(below folder: FilePath) async throws {
        let found = try FileTree.names(in: "/proc").compactMap { Int32($0) }.filter { number in
            // One that ends meanwhile has no directory; one of somebody else shows none.
            guard number != getpid(), let place = try? FileTree.linkTarget(FilePath("/proc/\(number)/cwd")) else {
                return false
            }
            return place.hasPrefix("\(folder)/")
        }.compactMap { Self(of: $0) }
        for process in found { process.send(SIGKILL) }
        _ = try await Waiting.until(within: .seconds(60), every: .milliseconds(5)) { !found.contains(where: \.isAlive) }
    }
}
