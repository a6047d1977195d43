import Glibc
package import SystemPackage

/// What was taken out of the middle of a log: its beginning and its newest part are where they were in the file.
///
/// It is kept in a file beside the log, which is there before anything is taken out.
package struct LogGap: Hashable, Sendable {
    /// The first byte that is not there any more, after a whole line.
    package var from: Int64
    /// The first byte that is there again, of a whole line.
    package var to: Int64
    /// Lines that ended in there.
    package var lines: Int64 = 0
    /// Records of the log in there: a line may have several.
    package var records: Int64 = 0
    /// Bytes of standard output in there.
    package var output: Int64 = 0
    /// Bytes of standard error in there.
    package var error: Int64 = 0

    init(from: Int64, to: Int64) {
        self.from = from
        self.to = to
    }

    package var bytes: Int64 { to - from }

    /// What a reader is told in its place.
    package var notice: String { "[\(lines) lines (\(bytes) bytes) were dropped here]" }

    package static func path(_ log: FilePath) -> FilePath { FilePath(log.string + ".gap") }

    /// Nil for a log that is whole. A file that can't be read is taken for none: what was dropped then shows as zeros.
    package init?(of log: FilePath) {
        guard let bytes = try? AtomicFile.read(Self.path(log), limit: 4096) else { return nil }
        let numbers = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }.compactMap { Int64($0) }
        guard [4, 6].contains(numbers.count), numbers[0] >= 0, numbers[1] > numbers[0] else { return nil }
        self.init(from: numbers[0], to: numbers[1])
        (lines, records) = (numbers[2], numbers[3])
        // Those of older versions have no more.
        if numbers.count == 6 { (output, error) = (numbers[4], numbers[5]) }
    }

    func write(_ log: FilePath) throws {
        let text = [from, to, lines, records, output, error].map(String.init).joined(separator: " ") + "\n"
        try AtomicFile.write(Array(text.utf8), to: Self.path(log), durable: false)
    }

    /// Moves a log and what is known of its gap.
    package static func move(_ log: FilePath, to target: FilePath) throws {
        // First, so that the log is never where its gap is not known.
        for (source, target) in [(path(log), path(target)), (log, target)] {
            guard rename(source.string, target.string) == 0 || errno == ENOENT else { throw Errno(rawValue: errno) }
        }
    }
}
