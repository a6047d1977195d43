package import RucheCore
package import RucheStore

/// Who may see an environment and fetch its releases: who may read the things of its owner, or anybody when it is
/// public.
package struct ReleaseVisibility: Sendable {
    private let database: any SQLDatabase

    package init(database: any SQLDatabase) { self.database = database }

    /// The one answer to whether a caller may see an environment.
    package func allows(_ caller: Caller, toSee name: EnvironmentName) async throws -> Bool {
        if caller.maySeeReleases(of: name.ownerName) { return true }
        return try await database.read { try EnvironmentRepository($0).environment(name.description) }?
            .visibility == Visibility.public.rawValue
    }

    /// Throws `not_found`, as for a release that is not there, when a caller may not see its environment.
    package func require(_ reference: ReleaseReference, for caller: Caller) async throws {
        guard try await !allows(caller, toSee: reference.name) else { return }
        let selector = reference.selector ?? reference.digest?.description
        throw RucheError(
            .notFound, "\(reference.name)\(selector.map { ":\($0)" } ?? "") is not in the catalogue",
            cause: Caller.forbidden(.read, on: reference.name.ownerName))
    }
}
