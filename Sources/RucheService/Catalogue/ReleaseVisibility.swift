package import RucheCore
package import RucheStore

/// Who may see an environment and fetch its releases: who may read the things of its owner, or anybody when it is
/// public.
package struct ReleaseVisibility: Sendable {
    private let database: any SQLDatabase

    package init(database: any SQLDatabase) { self.database = database }

    package func isPublic(_ name: EnvironmentName) async throws -> Bool {
        try await database.read { try EnvironmentRepository($0).environment(name.description) }?
            .visibility == Visibility.public.rawValue
    }

    /// Throws `not_found`, as for a release that is not there, when a caller may not see its environment.
    package func require(_ reference: ReleaseReference, for caller: Caller) async throws {
        if caller.maySeeReleases(of: reference.name.ownerName) { return }
        if try await isPublic(reference.name) { return }
        let selector = reference.selector ?? reference.digest?.description
        throw RucheError(
            .notFound, "\(reference.name)\(selector.map { ":\($0)" } ?? "") is not in the catalogue",
            cause: Caller.forbidden(.read, on: reference.name.ownerName))
    }
}
