/// The owners whose things a list may show.
package enum OwnerSelection: Hashable, Sendable {
    case all
    case only(Set<OwnerName>)

    package func contains(_ owner: OwnerName) -> Bool {
        switch self {
        case .all: true
        case .only(let owners): owners.contains(owner)
        }
    }

    /// The names in order for a query; nil when all are meant.
    package var names: [String]? {
        switch self {
        case .all: nil
        case .only(let owners): owners.map(\.description).sorted()
        }
    }
}
