import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Makes `out.log` and `err.log` from a console log, byte for byte what the job wrote on each stream, with a
/// line in both where the console has a gap.
enum ConsoleSplitter {
    private static let piece = 1 << 20

    /// Writes both files into `logs`. A file of the job's own with such a name is never overwritten: the next
    /// free name (`out.1.log`) is taken. Returns the names used.
    @concurrent static func split(_ console: FilePath, into logs: FilePath) async throws -> [String] {
        guard FileTree.exists(console) else { return [] }
        let source = try FileDescriptor.open(console, .readOnly, options: [.closeOnExec, .noFollow])
        defer { try? source.close() }  // it was only read
        let number = UInt32.random(in: .min ... .max)
        let names = ["out", "err"]
        let temporary = names.map { logs.appending(".\($0).\(number).tmp") }
        do {
            try copy(source, LogGap(of: console), to: temporary[0], temporary[1])
            return try zip(names, temporary).map { try place($1, $0, in: logs) }
        } catch {
            for path in temporary { unlink(path.string) }
            throw error
        }
    }

    private static func copy(
        _ source: FileDescriptor, _ gap: LogGap?, to output: FilePath, _ errors: FilePath
    ) throws {
        let options: FileDescriptor.OpenOptions = [.create, .exclusiveCreate, .closeOnExec, .noFollow]
        let permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
        let out = try FileDescriptor.open(output, .writeOnly, options: options, permissions: permissions)
        try out.closeAfter {
            let err = try FileDescriptor.open(errors, .writeOnly, options: options, permissions: permissions)
            try err.closeAfter { try copy(source, gap, out, err) }
        }
    }

    private static func copy(
        _ source: FileDescriptor, _ gap: LogGap?, _ out: FileDescriptor, _ err: FileDescriptor
    ) throws {
        guard let gap else { return try copy(source, 0..<Int64.max, out, err) }
        try copy(source, 0..<gap.from, out, err)
        // Nobody knows any more whose lines they were.
        for file in [out, err] { try file.writeAll("\(gap.notice)\n".utf8) }
        try copy(source, gap.to..<Int64.max, out, err)
    }

    private static func copy(
        _ source: FileDescriptor, _ range: Range<Int64>, _ out: FileDescriptor, _ err: FileDescriptor
    ) throws {
        var buffer = [UInt8](repeating: 0, count: piece)
        var texts = (out: StreamText(capacity: piece), err: StreamText(capacity: piece))
        var kept = 0
        var offset = range.lowerBound
        while true {
            // A record longer than the piece: conmon writes none, but nothing here may loop for ever.
            if kept == buffer.count {
                buffer.append(contentsOf: repeatElement(0, count: buffer.count))
                texts = (StreamText(capacity: buffer.count), StreamText(capacity: buffer.count))
            }
            let wanted = kept..<(kept + Int(min(Int64(buffer.count - kept), range.upperBound - offset)))
            let count = try buffer.withUnsafeMutableBytes {
                try source.read(fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(rebasing: $0[wanted]))
            }
            if count == 0 { return }
            offset += Int64(count)
            let end = kept + count
            let used = buffer.withUnsafeBytes {
                split(UnsafeRawBufferPointer(rebasing: $0[..<end]), &texts.out, &texts.err)
            }
            try texts.out.write(to: out)
            try texts.err.write(to: err)
            kept = end - used
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                memmove(base, base + used, kept)
            }
        }
    }

    /// What one piece holds of one stream: never more bytes than the piece has.
    private struct StreamText {
        private var bytes: [UInt8]
        private var count = 0

        init(capacity: Int) { bytes = [UInt8](repeating: 0, count: capacity) }

        mutating func append(_ text: UnsafeRawPointer, _ length: Int, isPart: Bool) {
            bytes.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                memcpy(base + count, text, length)
                if !isPart { (base + count + length).storeBytes(of: 10, as: UInt8.self) }
            }
            count += isPart ? length : length + 1
        }

        mutating func write(to file: FileDescriptor) throws {
            if count > 0 { try file.writeAll(bytes[..<count]) }
            count = 0
        }
    }

    /// Appends the text of each whole record to its stream's, with a line feed after `F` and without after `P`.
    /// Returns how many bytes were used. With the C library's calls on raw memory, as a job may write hundreds of
    /// megabytes of short lines: they are as fast in a program built for debugging.
    private static func split(
        _ bytes: UnsafeRawBufferPointer, _ out: inout StreamText, _ err: inout StreamText
    ) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var rest = base
        let end = base + bytes.count
        while let feed = memchr(rest, 10, end - rest).map({ UnsafeRawPointer($0) }) {
            let record = rest
            rest = feed + 1
            // TIME STREAM TAG TEXT: both names of streams have six letters.
            guard let time = blank(record, feed), feed - time > 8, (time + 7).load(as: UInt8.self) == 32 else {
                continue
            }
            let isErr = memcmp(time + 1, "stderr", 6) == 0
            guard isErr || memcmp(time + 1, "stdout", 6) == 0 else { continue }
            let isPart = (time + 8).load(as: UInt8.self) == 80  // P
            let text = blank(time + 8, feed).map { $0 + 1 } ?? feed
            if isErr {
                err.append(text, feed - text, isPart: isPart)
            } else {
                out.append(text, feed - text, isPart: isPart)
            }
        }
        return rest - base
    }

    private static func blank(_ start: UnsafeRawPointer, _ end: UnsafeRawPointer) -> UnsafeRawPointer? {
        memchr(start, 32, end - start).map { UnsafeRawPointer($0) }
    }

    /// Gives the finished file the first free name; one with the same content is from an earlier attempt.
    private static func place(_ temporary: FilePath, _ name: String, in logs: FilePath) throws -> String {
        let content = FileIdentity(path: temporary)?.size
        for number in 0..<100 {
            let file = number == 0 ? "\(name).log" : "\(name).\(number).log"
            let target = logs.appending(file)
            if link(temporary.string, target.string) == 0 {
                unlink(temporary.string)
                return file
            }
            guard errno == EEXIST else { throw Errno(rawValue: errno) }
            if FileIdentity(path: target)?.size == content, try isSame(temporary, target) {
                unlink(temporary.string)
                return file
            }
        }
        throw Errno.fileExists
    }

    private static func isSame(_ left: FilePath, _ right: FilePath) throws -> Bool {
        let options: FileDescriptor.OpenOptions = [.closeOnExec, .noFollow]
        let first = try FileDescriptor.open(left, .readOnly, options: options)
        defer { try? first.close() }  // it was only read
        let second = try FileDescriptor.open(right, .readOnly, options: options)
        defer { try? second.close() }  // it was only read
        var a = [UInt8](repeating: 0, count: piece)
        var b = a
        var offset: Int64 = 0
        while true {
            let count = try a.withUnsafeMutableBytes { try first.read(fromAbsoluteOffset: offset, into: $0) }
            let other = try b.withUnsafeMutableBytes { try second.read(fromAbsoluteOffset: offset, into: $0) }
            guard count == other, a[..<count] == b[..<other] else { return false }
            if count == 0 { return true }
            offset += Int64(count)
        }
    }
}
