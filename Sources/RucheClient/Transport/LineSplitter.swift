import RucheCore

/// Cuts bytes that come in pieces into lines without their line feed.
struct LineSplitter {
    private static let limit = 16 << 20
    private var rest: [UInt8] = []

    /// The lines that `bytes` completes. A line over 16 MiB is cut there.
    mutating func append(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(rest)
                rest.removeAll(keepingCapacity: true)
            } else if rest.count < Self.limit {
                rest.append(byte)
            }
        }
        return lines
    }

    /// What comes after the last line feed.
    mutating func finish() -> [UInt8] {
        defer { rest = [] }
        return rest
    }
}
