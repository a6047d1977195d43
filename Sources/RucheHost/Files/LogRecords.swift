import Glibc

/// The records of a console log, `TIME STREAM TAG TEXT`, one a line. The names of both streams have six letters.
enum LogRecords {
    struct Record {
        /// Where the next one begins.
        var end = 0
        /// Whether a line ends with it: tag `F`, or none.
        var isWhole = true
        var isError = false
        /// Bytes of the stream in it, with the end of the line.
        var content = 0
    }

    /// Calls `body` with each whole record. Returns how many bytes were used. With the C library's calls on raw memory:
    /// as fast in a program built for debugging.
    @discardableResult
    static func each(_ bytes: UnsafeRawBufferPointer, _ body: (Record) -> Void) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        let end = base + bytes.count
        var record = base
        while let feed = memchr(record, 10, end - record).map({ UnsafeRawPointer($0) }) {
            var found = Record()
            if let time = memchr(record, 32, feed - record).map({ UnsafeRawPointer($0) }), feed - time > 8 {
                found.isWhole = (time + 8).load(as: UInt8.self) != UInt8(ascii: "P")
                found.isError = (time + 4).load(as: UInt8.self) == UInt8(ascii: "e")
                found.content = max(0, feed - time - 10) + (found.isWhole ? 1 : 0)
            }
            record = feed + 1
            found.end = record - base
            body(found)
        }
        return record - base
    }
}
