import Glibc
import RucheHost
package import SystemPackage

/// The console of an instance as bytes on disk, appended to by who runs it.
package enum ConsoleTail {
    private static let most = 64 << 10

    /// Its last lines that say something, without what only moves a cursor; empty when there is none.
    package static func lines(_ path: FilePath, count: Int, from start: Int64 = 0) -> [String] {
        guard let bytes = try? bytes(path, most: most, from: start) else { return [] }  // it wrote nothing
        return speaking(String(decoding: bytes, as: UTF8.self), count)
    }

    /// The same of a container's log, which has one record a line.
    static func records(_ path: FilePath, count: Int) -> [String] {
        guard let bytes = try? bytes(path, most: most) else { return [] }  // it wrote nothing
        var parser = ConsoleParser()
        // The first may be the rest of a record.
        let isCut = bytes.count >= most
        let lines = Array((parser.feed(bytes) + parser.finish()).dropFirst(isCut ? 1 : 0))
        return speaking(lines.map(\.text).joined(separator: "\n"), count)
    }

    private static func speaking(_ text: String, _ count: Int) -> [String] {
        let lines = text.replacing(controls, with: "").split(whereSeparator: \.isNewline).map { String($0.prefix(400)) }
        return Array(lines.filter { line in line.contains { !$0.isWhitespace } }.suffix(count))
    }

    /// The last bytes.
    static func bytes(_ path: FilePath, most: Int, from start: Int64 = 0) throws -> [UInt8] {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
        return try file.closeAfter {
            let end = try file.seek(offset: 0, from: .end)
            let offset = max(start, end - Int64(most), 0)
            guard end > offset else { return [] }
            return try [UInt8](unsafeUninitializedCapacity: Int(end - offset)) { buffer, count in
                count = try file.read(fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(buffer))
            }
        }
    }

    /// Moves what is there to another file when it is over the limit. Who writes appends, and so begins anew.
    static func trim(_ path: FilePath, to older: FilePath, limit: Int64) throws {
        guard case .regular(let size) = try? FileTree.kind(path), size > limit else { return }
        try AtomicFile.write(
            try bytes(path, most: Int(limit)), to: older, permissions: [.ownerReadWrite], durable: false)
        guard truncate(path.string, 0) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Escape sequences and control characters, but not the ends of lines.
    private nonisolated(unsafe) static let controls =
        /\u{1b}\[[0-?]*[ -\/]*[@-~]|\u{1b}[@-Z\\-_]|[\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{7f}]/
}
