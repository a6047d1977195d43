import RucheCore
import RucheStore

/// The small columns of every document of the search, by its identifier, in memory: a pass over all of them takes
/// milliseconds, where reading them from the database would take a second. Read from the database only, and brought
/// up to date before each search.
struct SearchColumns: Sendable {
    struct Flags: OptionSet {
        var rawValue: UInt8
        static let present = Flags(rawValue: 1)
        static let newest = Flags(rawValue: 2)
        static let release = Flags(rawValue: 4)
        static let isPublic = Flags(rawValue: 8)
    }

    private(set) var epoch: Int64 = 0
    private(set) var sequence: Int64 = 0
    private(set) var flags: [Flags] = []
    private(set) var published: [Int64] = []
    private(set) var created: [Int64] = []
    private(set) var downloads: [Int64] = []
    private(set) var totals: [Int64] = []
    private(set) var names: [String] = []
    /// Where the values of a document are in `values`.
    private(set) var places: [Range<Int32>] = []
    private(set) var values: [Int32] = []
    /// Which facet a value is of, by its identifier.
    private(set) var kinds: [UInt8] = [0]
    /// Documents that changed leave their values behind.
    private var unused = 0

    /// Number of identifiers, used or not.
    var count: Int { flags.count }

    static let facets = SearchFacet.allCases
    static func kind(_ facet: SearchFacet) -> UInt8 { UInt8(facets.firstIndex(of: facet) ?? 0) + 1 }

    /// Takes up what changed since the last time.
    mutating func refresh(_ repository: SearchRepository) throws {
        let state = try repository.state()
        if state.epoch != epoch || unused > values.count / 2 + 10_000 {
            self = SearchColumns()
            epoch = state.epoch
        }
        guard state.sequence > sequence else { return }
        let known = Dictionary(uniqueKeysWithValues: Self.facets.map { ($0.rawValue, Self.kind($0)) })
        try repository.values(after: Int64(kinds.count - 1)) { id, kind in
            while kinds.count <= Int(id) { kinds.append(0) }
            kinds[Int(id)] = known[kind] ?? 0
        }
        try repository.changes(after: sequence) { try set($0) }
        sequence = state.sequence
    }

    private mutating func set(_ row: any SQLColumns) throws {
        let id = Int(row.integer(at: 0))
        while count <= id { grow() }
        unused += places[id].count
        var flag: Flags = row.integer(at: 1) == 1 ? [] : .present
        if row.integer(at: 2) == 1 { flag.insert(.newest) }
        if row.integer(at: 3) == 1 { flag.insert(.release) }
        if row.integer(at: 4) == 1 { flag.insert(.isPublic) }
        flags[id] = flag
        published[id] = row.integer(at: 5)
        created[id] = row.integer(at: 6)
        downloads[id] = row.integer(at: 7)
        totals[id] = row.integer(at: 8)
        names[id] = row.text(at: 9)
        let start = Int32(values.count)
        row.text(at: 10).forEachNumber { values.append(Int32(truncatingIfNeeded: $0)) }
        places[id] = start..<Int32(values.count)
    }

    private mutating func grow() {
        flags.append([])
        published.append(0)
        created.append(0)
        downloads.append(0)
        totals.append(0)
        names.append("")
        places.append(0..<0)
    }
}
