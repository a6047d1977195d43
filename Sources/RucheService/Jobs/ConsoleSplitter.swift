import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Makes `out.log` and `err.log` from a console log, byte for byte what the job wrote on each stream.
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
            try copy(source, to: temporary[0], temporary[1])
            return try zip(names, temporary).map { try place($1, $0, in: logs) }
        } catch {
            for path in temporary { unlink(path.string) }
            throw error
        }
    }

    private static func copy(_ source: FileDescriptor, to output: FilePath, _ errors: FilePath) throws {
        let options: FileDescriptor.OpenOptions = [.create, .exclusiveCreate, .closeOnExec, .noFollow]
        let permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
        let out = try FileDescriptor.open(output, .writeOnly, options: options, permissions: permissions)
        try out.closeAfter {
            let err = try FileDescriptor.open(errors, .writeOnly, options: options, permissions: permissions)
            try err.closeAfter { try copy(source, out, err) }
        }
    }

    private static func copy(_ source: FileDescriptor, _ out: FileDescriptor, _ err: FileDescriptor) throws {
        var buffer = [UInt8](repeating: 0, count: piece)
        var kept = 0
        var offset: Int64 = 0
        while true {
            // A record longer than the piece: conmon writes none, but nothing here may loop for ever.
            if kept == buffer.count { buffer.append(contentsOf: repeatElement(0, count: buffer.count)) }
            let count = try buffer.withUnsafeMutableBytes {
                try source.read(fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(rebasing: $0[kept...]))
            }
            if count == 0 { return }
            offset += Int64(count)
            let end = kept + count
            var texts = (out: [UInt8](), err: [UInt8]())
            texts.out.reserveCapacity(end)
            let used = buffer.withUnsafeBytes {
                split(UnsafeRawBufferPointer(rebasing: $0[..<end]), &texts.out, &texts.err)
            }
            if !texts.out.isEmpty { try out.writeAll(texts.out) }
            if !texts.err.isEmpty { try err.writeAll(texts.err) }
            kept = end - used
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                memmove(base, base + used, kept)
            }
        }
    }

    /// Appends the text of each whole record to its stream's, with a line feed after `F` and without after `P`.
    /// Returns how many bytes were used. On raw memory: a job may write hundreds of megabytes of short lines.
    private static func split(_ bytes: UnsafeRawBufferPointer, _ out: inout [UInt8], _ err: inout [UInt8]) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var start = 0
        while let found = memchr(base + start, 10, bytes.count - start) {
            let end = UnsafeRawPointer(found) - base
            let record = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            start = end + 1
            guard let stream = blank(record, 0), let tag = blank(record, stream + 1) else { continue }
            let text = blank(record, tag + 1) ?? record.count
            let isErr = record[(stream + 1)..<tag].elementsEqual("stderr".utf8)
            guard isErr || record[(stream + 1)..<tag].elementsEqual("stdout".utf8) else { continue }
            let isPart = tag + 1 < record.count && record[tag + 1] == UInt8(ascii: "P")
            let content = UnsafeRawBufferPointer(rebasing: record[min(text + 1, record.count)...])
            if isErr { append(content, isPart, &err) } else { append(content, isPart, &out) }
        }
        return start
    }

    private static func blank(_ record: UnsafeRawBufferPointer, _ from: Int) -> Int? {
        guard let base = record.baseAddress, from < record.count,
            let found = memchr(base + from, 32, record.count - from)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    private static func append(_ text: UnsafeRawBufferPointer, _ isPart: Bool, _ target: inout [UInt8]) {
        target.append(contentsOf: text)
        if !isPart { target.append(10) }
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
