/// What a caller may do with the things of an owner.
package enum Right: String, CaseIterable, Codable, Sendable, Comparable {
    /// See jobs, files, logs, outputs, releases and events.
    case read
    /// Upload files, start jobs, and steer them.
    case run
    /// Build, import, install and remove releases and pipelines.
    case publish
    /// Say who has which role, and change the owner itself.
    case administer

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
