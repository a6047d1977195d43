/// Finds the known word that somebody who mistyped one probably meant.
package enum Spelling {
    /// The nearest of `known`, or nil when none is near: at most one edit in three characters, three in all.
    /// An edit inserts, removes or replaces a character, or swaps two neighbours; case, `-` and `_` do not count.
    package static func nearest(_ word: some StringProtocol, among known: some Sequence<String>) -> String? {
        let folded = fold(word)
        guard (1...64).contains(folded.count) else { return nil }
        let limit = min(3, max(1, folded.count / 3))
        var best: (word: String, distance: Int)?
        for candidate in known {
            let other = fold(candidate)
            guard abs(other.count - folded.count) <= limit else { continue }
            let distance = distance(folded, other)
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.word
    }

    private static func fold(_ word: some StringProtocol) -> [Character] {
        word.prefix(80).lowercased().map { $0 == "-" ? "_" : $0 }
    }

    /// Optimal string alignment distance.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + Array(repeating: 0, count: b.count)
            for j in 1...b.count {
                let change = a[i - 1] == b[j - 1] ? 0 : 1
                row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    row[j] = min(row[j], beforeLast[j - 2] + 1)
                }
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
