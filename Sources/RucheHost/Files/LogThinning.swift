import CLibarchive
import Glibc
package import SystemPackage

/// Keeps a log that somebody appends to within a limit on disk: its beginning and its newest part stay, what is between
/// becomes a hole of the file. Places in the file stay what they are, so readers and the writer need not be told.
package enum LogThinning {
    /// Far more than any record has: engines make several of a long line.
    private static let longestLine: Int64 = 1 << 20

    /// The gap as it is now; nil while the log is whole. A quarter of `limit` is the beginning; the newest part has a
    /// half to three quarters.
    @discardableResult
    package static func thin(_ log: FilePath, limit: Int64) throws -> LogGap? {
        let known = LogGap(of: log)
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(log, .readWrite, options: [.closeOnExec, .noFollow])
        } catch Errno.noSuchFileOrDirectory {
            return nil
        }
        return try file.closeAfter {
            let size = try file.seek(offset: 0, from: .end)
            guard let begin = try known?.to ?? lineStart(file, limit / 4, size), size - begin > limit / 4 * 3,
                let end = try lineStart(file, size - limit / 2, size), end > begin
            else { return known }
            var gap = known ?? LogGap(from: begin, to: begin)
            try count(file, begin, end, into: &gap)
            gap.to = end
            try gap.write(log)
            try mark(file, gap)
            let start = min(gap.to, gap.from + Int64(gap.record.utf8.count))
            // What was said to be gone and is not, after a crash, goes with it. A file system without holes keeps it.
            _ = fallocate(file.rawValue, keepsSize | punchesHole, Int(start), Int(gap.to - start))
            return gap
        }
    }

    private static let keepsSize: Int32 = 1
    private static let punchesHole: Int32 = 2

    /// For who looks at the file itself: a record that says what is missing, then zeros.
    private static func mark(_ file: FileDescriptor, _ gap: LogGap) throws {
        let record = Array(gap.record.utf8)
        if Int64(record.count) <= gap.bytes { try file.writeAll(toAbsoluteOffset: gap.from, record) }
    }

    /// The first place after `place` where a whole line has ended; nil where none is near.
    private static func lineStart(_ file: FileDescriptor, _ place: Int64, _ size: Int64) throws -> Int64? {
        guard place > 0 else { return 0 }
        var window: Int64 = 64 << 10
        while true {
            let end = min(size, place + window)
            let bytes = try file.bytes(from: place, to: end)
            let start = bytes.withUnsafeBytes { bytes -> Int? in
                // What comes first is the rest of a record.
                guard let first = bytes.firstIndex(of: 10) else { return nil }
                var start: Int?
                LogRecords.each(UnsafeRawBufferPointer(rebasing: bytes[(first + 1)...])) { record in
                    if record.isWhole, start == nil { start = first + 1 + record.end }
                }
                return start
            }
            if let start { return place + Int64(start) }
            guard end < size, window < longestLine else { return nil }
            window *= 4
        }
    }

    /// Adds what is in a part of the file.
    private static func count(
        _ file: FileDescriptor, _ start: Int64, _ end: Int64, into gap: inout LogGap
    ) throws {
        var position = start
        while position < end {
            let bytes = try file.bytes(from: position, to: min(end, position + (2 << 20)))
            if bytes.isEmpty { break }
            let used = bytes.withUnsafeBytes { bytes in
                LogRecords.each(bytes) { record in
                    gap.records += 1
                    if record.isWhole { gap.lines += 1 }
                    gap[keyPath: record.isError ? \LogGap.error : \.output] += Int64(record.content)
                }
            }
            position += used == 0 ? Int64(bytes.count) : Int64(used)
        }
    }
}

extension LogGap {
    fileprivate var record: String { "- stderr F \(notice)\n" }
}
