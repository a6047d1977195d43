import RucheCore

/// One look at every document: which are hits, the first of them in order, and how many have each value.
///
/// A facet is counted as if nothing of it were asked for, so that its other values can still be chosen.
struct SearchPass {
    /// The place of a hit in the order.
    struct Key: Sendable {
        var tier: Int
        var value: Int64
        /// The newest first among equal ones; nothing where they are sorted by name.
        var published: Int64
        var name: String
        var id: Int

        static func < (a: Key, b: Key) -> Bool {
            if a.tier != b.tier { return a.tier < b.tier }
            if a.value != b.value { return a.value < b.value }
            if a.published != b.published { return a.published > b.published }
            return a.name != b.name ? a.name < b.name : a.id < b.id
        }
    }

    let columns: SearchColumns
    var sort: SearchSort
    var isReversed = false
    var allVersions = false
    /// By identifiers of owners; nil for all.
    var owners: Set<Int32>?
    var candidates: Bitset?
    /// For each word, where it is in the name.
    var inName: [Bitset] = []
    /// One of these, by facet.
    var any: [(kind: UInt8, values: [Int32])] = []
    var all: [Int32] = []
    var after: Key?
    var limit: Int

    private(set) var first: [Key] = []
    private(set) var total = 0
    private(set) var counts: [Int32] = []

    init(columns: SearchColumns, sort: SearchSort, limit: Int) {
        self.columns = columns
        self.sort = sort
        self.limit = limit
    }

    mutating func run() {
        counts = [Int32](repeating: 0, count: columns.kinds.count)
        // Plain bits: the operations of option sets take most of the time here.
        let wanted = SearchColumns.Flags.present.rawValue | (allVersions ? 0 : SearchColumns.Flags.newest.rawValue)
        let either = SearchColumns.Flags.newest.rawValue | SearchColumns.Flags.release.rawValue
        // The newest first, which are more often among the first. Through pointers, which costs half.
        let columns = columns
        columns.flags.withUnsafeBufferPointer { flags in
            columns.values.withUnsafeBufferPointer { values in
                for id in flags.indices.reversed() {
                    let flag = flags[id].rawValue
                    guard flag & wanted == wanted, flag & either != 0, candidates?.contains(id) ?? true else {
                        continue
                    }
                    let place = columns.places[id]
                    look(
                        at: id, UnsafeBufferPointer(rebasing: values[Int(place.lowerBound)..<Int(place.upperBound)]),
                        isPublic: flag & SearchColumns.Flags.isPublic.rawValue != 0)
                }
            }
        }
    }

    /// Counts the values of a document, and keeps it when it is a hit.
    private mutating func look(at id: Int, _ own: UnsafeBufferPointer<Int32>, isPublic: Bool) {
        if let owners, !isPublic, !own.contains(where: owners.contains) { return }
        for value in all where !own.contains(value) { return }
        var missed: UInt8?
        for filter in any where !own.contains(where: filter.values.contains) {
            if missed != nil { return }
            missed = filter.kind
        }
        if let missed {
            for value in own where columns.kinds[Int(value)] == missed { counts[Int(value)] += 1 }
            return
        }
        counts.withUnsafeMutableBufferPointer { counts in
            for value in own { counts[Int(value)] += 1 }
        }
        total += 1
        consider(id)
    }

    /// Keeps the key when it is one of the first `limit` and one.
    private mutating func consider(_ id: Int) {
        let found = inName.count { $0.contains(id) }
        let tier = sort != .relevance || inName.isEmpty ? 0 : found == inName.count ? 0 : found > 0 ? 1 : 2
        let value = value(of: id)
        let published = sort == .name ? 0 : columns.published[id]
        // Before names are compared, which costs most.
        if first.count > limit, let last = first.last,
            (tier, value, -published) > (last.tier, last.value, -last.published)
        {
            return
        }
        let key = Key(tier: tier, value: value, published: published, name: columns.names[id], id: id)
        if let after, !(after < key) { return }
        if first.count > limit {
            guard let last = first.last, key < last else { return }
            first.removeLast()
        }
        var place = first.count
        while place > 0, key < first[place - 1] { place -= 1 }
        first.insert(key, at: place)
    }

    private func value(of id: Int) -> Int64 {
        let value =
            switch sort {
            case .relevance, .downloads: allVersions ? columns.downloads[id] : columns.totals[id]
            case .updated: columns.published[id]
            case .created: columns.created[id]
            case .name: Int64(0)
            }
        return isReversed ? value : -value
    }

    /// The values of a facet with the most documents, most first.
    func most(of facet: SearchFacet, limit: Int) -> [(id: Int64, count: Int)] {
        let kind = SearchColumns.kind(facet)
        var best: [(id: Int64, count: Int)] = []
        for (id, count) in counts.enumerated() where count > 0 && columns.kinds[id] == kind {
            if best.count == limit, let last = best.last, Int(count) <= last.count { continue }
            if best.count == limit { best.removeLast() }
            let place = best.firstIndex { $0.count < Int(count) } ?? best.count
            best.insert((Int64(id), Int(count)), at: place)
        }
        return best
    }
}
