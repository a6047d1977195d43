/// Takes the stream of a container without a terminal apart: each frame has a header of eight bytes, the stream's
/// number first, the length of the payload as the last four, most significant first.
struct DockerFrames {
    struct Record: Hashable {
        var isError: Bool
        /// Time, blank, text, and a line feed when the line is whole.
        var payload: ArraySlice<UInt8>
    }

    /// The stream on which the daemon itself says why it can't go on: no line of the container's.
    private static let daemon: UInt8 = 3

    private var rest: [UInt8] = []

    /// Takes the next bytes and gives the records that they complete.
    mutating func feed(_ bytes: [UInt8]) -> [Record] {
        rest += bytes
        var records: [Record] = []
        var start = 0
        while rest.count - start >= 8 {
            let length = rest[(start + 4)..<(start + 8)].reduce(0) { $0 << 8 | Int($1) }
            let end = start + 8 + length
            guard rest.count >= end else { break }
            if rest[start] != Self.daemon {
                records.append(Record(isError: rest[start] == 2, payload: rest[(start + 8)..<end]))
            }
            start = end
        }
        rest.removeSubrange(..<start)
        return records
    }
}
