import RucheCore

/// One look at every document: which are hits, the first of them in order, and how many have each value.
///
/// A facet is counted as if nothing of it were asked for, so that its other values can still be chosen.
struct SearchPass {
    /// The place of a hit in the order.
    struct Key: Sendable {
        var tier: Int
        var value: Int64
        var name: String
        var id: Int

        static func < (a: Key, b: Key) -> Bool {
            if a.tier != b.tier { return a.tier < b.tier }
            if a.value != b.value { return a.value < b.value }
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
        for id in 0..<columns.count {
            let flags = columns.flags[id].rawValue
            guard flags & wanted == wanted, flags & either != 0, candidates?.contains(id) ?? true else { continue }
            look(at: id, isPublic: flags & SearchColumns.Flags.isPublic.rawValue != 0)
        }
    }

    private mutating func look(at id: Int, isPublic: Bool) {
        let place = columns.places[id]
        let range = Int(place.lowerBound)..<Int(place.upperBound)
        if let owners, !isPublic, !range.contains(where: { owners.contains(columns.values[$0]) }) { return }
        for value in all where !range.contains(where: { columns.values[$0] == value }) { return }
        var missed: UInt8?
        for filter in any where !range.contains(where: { filter.values.contains(columns.values[$0]) }) {
            if missed != nil { return }
            missed = filter.kind
        }
        for index in range {
            let value = Int(columns.values[index])
            if missed == nil || columns.kinds[value] == missed { counts[value] += 1 }
        }
        guard missed == nil else { return }
        total += 1
        consider(id)
    }

    /// Keeps the key when it is one of the first `limit` and one.
    private mutating func consider(_ id: Int) {
        let found = inName.count { $0.contains(id) }
        let tier = sort != .relevance || inName.isEmpty ? 0 : found == inName.count ? 0 : found > 0 ? 1 : 2
        let value = value(of: id)
        if first.count > limit, let last = first.last, (tier, value) > (last.tier, last.value) { return }
        let key = Key(tier: tier, value: value, name: columns.names[id], id: id)
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
