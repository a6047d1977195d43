import Glibc
import SystemPackage

/// Pages of programs and libraries that are mapped into this process.
package enum ProgramPages {
    /// Unmaps the code; what runs again is mapped again from the system's cache of files, 64 KiB at a time.
    ///
    /// A start runs through half of a large program, a server that waits through little of it. What stays mapped
    /// counts as memory of this process, and the system finds it harder to use for something else.
    package static func releaseCode() {
        // Nothing is lost by keeping them.
        guard let maps = try? AtomicFile.read("/proc/self/maps", limit: 4 << 20) else { return }
        for line in maps.split(separator: UInt8(ascii: "\n")) {
            // "from-to r-xp offset device inode path" (proc(5)): what can be written to has content of its own.
            let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
            guard fields.count >= 6, fields[1].elementsEqual("r-xp".utf8), fields[5].first == UInt8(ascii: "/") else {
                continue
            }
            let ends = fields[0].split(separator: UInt8(ascii: "-")).map {
                UInt(String(decoding: $0, as: UTF8.self), radix: 16)
            }
            guard ends.count == 2, let begin = ends[0], let end = ends[1], begin < end else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: begin), Int(end - begin), MADV_DONTNEED)
        }
    }
}
