import Glibc

/// The records of a console log, `TIME STREAM TAG TEXT`, one a line. The names of both streams have six letters.
enum LogRecords {
    /// Calls `body` with the end of each whole record and whether a line ends with it (tag `F`, or none). Returns how
    /// many bytes were used. With the C library's calls on raw memory: as fast in a program built for debugging.
    @discardableResult
    static func each(_ bytes: UnsafeRawBufferPointer, _ body: (_ end: Int, _ isWhole: Bool) -> Void) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        let end = base + bytes.count
        var record = base
        while let feed = memchr(record, 10, end - record).map({ UnsafeRawPointer($0) }) {
            var isWhole = true
            if let time = memchr(record, 32, feed - record).map({ UnsafeRawPointer($0) }), feed - time > 8 {
                isWhole = (time + 8).load(as: UInt8.self) != UInt8(ascii: "P")
            }
            record = feed + 1
            body(record - base, isWhole)
        }
        return record - base
    }
}
