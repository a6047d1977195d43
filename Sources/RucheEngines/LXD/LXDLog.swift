import FoundationEssentials
import Glibc
import RucheHost
import SystemPackage

/// fallocate(2): the C library's header shows it to C with `_GNU_SOURCE` only, and Swift's module of it has it not.
@_silgen_name("fallocate") private func changeAllocation(
    _ file: Int32, _ mode: Int32, _ offset: off_t, _ length: off_t
) -> Int32

/// Takes what a container writes into two files to the console log in CRI format.
///
/// The log's own lines say how much of each file it has, so another process goes on where one ended, which loses and
/// doubles nothing. What was taken is cut out of the files, so that they stay small. A line has the time at which it
/// was read.
struct LXDLog {
    private let folder: LXDFolder
    private let limit: Int64
    /// Bytes taken of standard output and error.
    private var taken: [Int64] = [0, 0]
    /// The log's size when this value wrote last.
    private var size: Int64 = -1

    private static let piece = 256 << 10
    /// linux/falloc.h: FALLOC_FL_KEEP_SIZE and FALLOC_FL_PUNCH_HOLE.
    private static let cutOut: Int32 = 1 | 2

    init(_ folder: LXDFolder, limit: Int64) {
        self.folder = folder
        self.limit = limit
    }

    /// Takes what is new; false when nothing is.
    mutating func take() async throws -> Bool {
        let files = try [false, true].map { try Self.open(folder.stream(isError: $0)) }
        defer { for file in files { try? file?.close() } }  // nothing was written
        let sizes = files.map { $0.map { Self.size(of: $0) } ?? 0 }
        guard sizes[0] > taken[0] || sizes[1] > taken[1] || size < 0 else { return false }
        // The process before this one may still be writing.
        let lock = try await FileLock.acquire(folder.consoleLog.removingLastComponent().appending("console.lock"))
        defer { withExtendedLifetime(lock) {} }
        let log = try FileDescriptor.open(
            folder.consoleLog, .readWrite, options: [.create, .closeOnExec, .noFollow],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        defer { try? log.close() }  // what was written was checked
        if Self.size(of: log) != size { try recover(log) }
        var isNew = false
        for (index, file) in files.enumerated() {
            guard let file else { continue }
            while taken[index] < sizes[index], try take(file, index, to: log) { isNew = true }
        }
        return isNew
    }

    private mutating func take(_ file: FileDescriptor, _ index: Int, to log: FileDescriptor) throws -> Bool {
        if size < limit {
            var bytes = [UInt8](repeating: 0, count: Self.piece)
            let position = taken[index]
            let count = try bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: position, into: $0) }
            guard count > 0 else { return false }
            let records = Self.records(
                bytes[..<count], stream: index == 0 ? "stdout" : "stderr", room: limit - size)
            try log.writeAll(toAbsoluteOffset: size, records)
            size += Int64(records.count)
            taken[index] += Int64(count)
        } else {
            taken[index] = Self.size(of: file)
        }
        // What can't be cut out only takes room.
        _ = changeAllocation(file.rawValue, Self.cutOut, 0, off_t(taken[index]))
        return true
    }

    /// Reads how far the log is, and cuts off a line that a killed process had begun.
    private mutating func recover(_ log: FileDescriptor) throws {
        let gap = LogGap(of: folder.consoleLog)
        var counts: [Int64] = [0, 0]
        var position: Int64 = 0
        var line: [UInt8] = []
        var end: Int64 = 0
        while true {
            if let gap, position == gap.from {
                // What was taken out of the middle had been taken from the files before.
                counts = [counts[0] + gap.output, counts[1] + gap.error]
                (position, end) = (gap.to, gap.to)
            }
            let stop = gap.flatMap { position < $0.from ? $0.from : nil } ?? .max
            let bytes = try log.bytes(from: position, to: min(stop, position + Int64(Self.piece)))
            if bytes.isEmpty { break }
            for byte in bytes {
                position += 1
                guard byte == 10 else {
                    line.append(byte)
                    continue
                }
                Self.count(line, &counts)
                line.removeAll(keepingCapacity: true)
                end = position
            }
        }
        // Its middle was dropped meanwhile, and something that went was counted, or not.
        guard LogGap(of: folder.consoleLog) == gap else { return try recover(log) }
        if end != position { try log.resize(to: end) }
        size = end
        // Beyond a full log nothing is counted.
        taken = size < limit ? counts : [max(taken[0], counts[0]), max(taken[1], counts[1])]
    }

    /// A line is `TIME STREAM TAG TEXT`.
    private static func count(_ line: [UInt8], _ counts: inout [Int64]) {
        let fields = line.split(separator: 32, maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count == 4 else { return }
        let index = fields[1].elementsEqual("stderr".utf8) ? 1 : 0
        counts[index] += Int64(fields[3].count) + (fields[2].elementsEqual("F".utf8) ? 1 : 0)
    }

    /// Stops after the record that fills the room.
    private static func records(_ bytes: ArraySlice<UInt8>, stream: String, room: Int64) -> [UInt8] {
        let head = Array("\(time()) \(stream) ".utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 1024)
        var start = bytes.startIndex
        while start < bytes.endIndex, result.count < room {
            let end = bytes[start...].firstIndex(of: 10)
            result += head
            result += Array(end == nil ? "P ".utf8 : "F ".utf8)
            result += bytes[start..<(end ?? bytes.endIndex)]
            result.append(10)
            start = end.map { $0 + 1 } ?? bytes.endIndex
        }
        return result
    }

    private static func time() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let whole = Date(timeIntervalSince1970: Double(now.tv_sec)).formatted(.iso8601).dropLast()
        let digits = String(1_000_000_000 + now.tv_nsec).dropFirst()
        return "\(whole).\(digits)+00:00"
    }

    /// Nil for what is no plain file: the container may have put anything in its place.
    private static func open(_ path: FilePath) throws -> FileDescriptor? {
        do {
            let file = try FileDescriptor.open(path, .readWrite, options: [.closeOnExec, .noFollow, .nonBlocking])
            var status = stat()
            if fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG { return file }
            try file.close()
            return nil
        } catch Errno.noSuchFileOrDirectory, Errno.tooManySymbolicLinkLevels {
            return nil
        }
    }

    private static func size(of file: FileDescriptor) -> Int64 {
        var status = stat()
        return fstat(file.rawValue, &status) == 0 ? Int64(status.st_size) : 0
    }
}
