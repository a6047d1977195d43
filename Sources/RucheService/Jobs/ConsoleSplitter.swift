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
        var names: [String] = []
        for (stream, name) in [("stdout", "out"), ("stderr", "err")] {
            let temporary = logs.appending(".\(name).\(UInt32.random(in: .min ... .max)).tmp")
            do {
                try copy(source, stream: Array(stream.utf8), to: temporary)
                names.append(try place(temporary, name, in: logs))
            } catch {
                unlink(temporary.string)
                throw error
            }
            await Task.yield()
        }
        return names
    }

    private static func copy(_ source: FileDescriptor, stream: [UInt8], to path: FilePath) throws {
        let target = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        try target.closeAfter {
            var buffer = [UInt8](repeating: 0, count: piece)
            var rest: [UInt8] = []
            var offset: Int64 = 0
            while true {
                let count = try buffer.withUnsafeMutableBytes { try source.read(fromAbsoluteOffset: offset, into: $0) }
                if count == 0 { return }
                offset += Int64(count)
                rest.append(contentsOf: buffer[..<count])
                guard let end = rest.lastIndex(of: 10) else { continue }
                try target.writeAll(text(rest[...end], of: stream))
                rest.removeSubrange(...end)
            }
        }
    }

    /// The text of the records of one stream: with a line feed after `F`, without after `P`.
    private static func text(_ records: ArraySlice<UInt8>, of stream: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for record in records.split(separator: 10) {
            let fields = record.split(separator: 32, maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count >= 3, fields[1].elementsEqual(stream) else { continue }
            if fields.count > 3 { text.append(contentsOf: fields[3]) }
            if fields[2].first != UInt8(ascii: "P") { text.append(10) }
        }
        return text
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
