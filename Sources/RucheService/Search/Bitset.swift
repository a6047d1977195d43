/// A set of small numbers.
struct Bitset: Sendable {
    private var words: [UInt64]

    /// For numbers below `capacity`; larger ones are left out.
    init(capacity: Int) { words = [UInt64](repeating: 0, count: (capacity + 63) / 64) }

    mutating func insert(_ number: Int64) {
        let word = Int(number >> 6)
        if number >= 0, word < words.count { words[word] |= 1 << UInt64(number & 63) }
    }

    func contains(_ number: Int) -> Bool { words[number >> 6] & (1 << UInt64(number & 63)) != 0 }

    mutating func formIntersection(_ other: Bitset) {
        for index in words.indices { words[index] &= other.words[index] }
    }

    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
}
