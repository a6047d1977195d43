import Glibc
import SystemPackage

/// What this process uses now, as the kernel tells.
package struct ProcessFigures: Hashable, Sendable {
    package var cpuSeconds: Double
    package var residentBytes: UInt64
    package var virtualBytes: UInt64
    package var openFiles: Int
    package var fileLimit: UInt64
    package var threads: Int
    /// Seconds since 1970.
    package var startTime: Double

    /// Throws the system's error when `/proc` can't be read.
    package static func now() throws -> Self {
        let stat = String(decoding: try AtomicFile.read("/proc/self/stat", limit: 1 << 16), as: UTF8.self)
        // The name of the program may hold blanks and brackets.
        let end = stat.lastIndex(of: ")") ?? stat.startIndex
        let fields = stat[end...].dropFirst().split(separator: " ")
        func number(_ field: Int) -> Double { fields.count > field - 3 ? Double(fields[field - 3]) ?? 0 : 0 }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Self(
            cpuSeconds: (number(14) + number(15)) / ticks,
            residentBytes: UInt64(number(24)) * UInt64(sysconf(Int32(_SC_PAGESIZE))),
            virtualBytes: UInt64(number(23)), openFiles: try FileTree.names(in: "/proc/self/fd").count,
            fileLimit: UInt64(limit.rlim_cur), threads: Int(number(20)),
            startTime: try bootTime() + number(22) / ticks)
    }

    private static func bootTime() throws -> Double {
        let text = String(decoding: try AtomicFile.read("/proc/stat"), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst(6)) } ?? 0
    }
}
