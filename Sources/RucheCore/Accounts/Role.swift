/// What somebody is to an owner, or to the whole site. Each role has the rights of the ones before it.
package enum Role: String, CaseIterable, Codable, Sendable, Comparable {
    case reader, runner, publisher, admin

    package var rights: Set<Right> {
        switch self {
        case .reader: [.read]
        case .runner: [.read, .run]
        case .publisher: [.read, .run, .publish]
        case .admin: Set(Right.allCases)
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.rights.count < right.rights.count }
}
