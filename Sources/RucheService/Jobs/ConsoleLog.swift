import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// One line that a job wrote on its console.
package struct ConsoleLine: Hashable, Sendable {
    /// RFC 3339 with nanoseconds, as the engine wrote it.
    package var time: String
    /// `stdout` or `stderr`.
    package var stream: String
    package var text: String
    /// Bytes of the console up to the end of this line.
    package var position: Int64 = 0
}

/// Reads Kubernetes' CRI log format piece by piece: `TIME STREAM TAG TEXT`, where the tag `P` means that the
/// line goes on in the next record of the same stream. Lines over 64 KiB come in parts; what is no record is text.
///
/// A line has the time of its end, so that lines of both streams come in the order of their times.
struct ConsoleParser {
    private static let lineLimit = 64 << 10

    /// Where in the file the bytes begin that were not used yet.
    var position: Int64 = 0
    private var rest: [UInt8] = []
    private var parts: [String: (time: String, text: [UInt8])] = [:]

    /// Takes the next bytes of the file and gives the lines that they complete.
    mutating func feed(_ bytes: some Sequence<UInt8>) -> [ConsoleLine] {
        rest.append(contentsOf: bytes)
        var lines: [ConsoleLine] = []
        var start = rest.startIndex
        while let end = rest[start...].firstIndex(of: 10) {
            if var line = record(rest[start..<end]) {
                line.position = position + Int64(end + 1)
                lines.append(line)
            }
            start = end + 1
        }
        position += Int64(start)
        rest.removeSubrange(..<start)
        return lines
    }

    /// Lines that were begun and never ended.
    mutating func finish() -> [ConsoleLine] {
        defer { parts = [:] }
        return parts.sorted { ($0.value.time, $0.key) < ($1.value.time, $1.key) }.map { stream, part in
            ConsoleLine(time: part.time, stream: stream, text: String(decoding: part.text, as: UTF8.self))
        }
    }

    private mutating func record(_ bytes: ArraySlice<UInt8>) -> ConsoleLine? {
        let fields = bytes.split(separator: 32, maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count >= 3 else {
            return ConsoleLine(time: "", stream: "stderr", text: String(decoding: bytes, as: UTF8.self))
        }
        let stream = fields[1].elementsEqual("stderr".utf8) ? "stderr" : "stdout"
        var part = parts.removeValue(forKey: stream) ?? ("", [])
        part.time = String(decoding: fields[0], as: UTF8.self)
        if fields.count > 3 { part.text.append(contentsOf: fields[3]) }
        if fields[2].first == UInt8(ascii: "P"), part.text.count < Self.lineLimit {
            parts[stream] = part
            return nil
        }
        return ConsoleLine(time: part.time, stream: stream, text: String(decoding: part.text, as: UTF8.self))
    }
}
