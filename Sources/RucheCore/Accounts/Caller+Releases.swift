extension Caller {
    /// Throws `not_found`, as for a release that is not there, when the caller may not see releases of its owner.
    package func requireRelease(_ reference: ReleaseReference) throws {
        guard !maySeeReleases(of: reference.name.ownerName) else { return }
        let selector = reference.selector ?? reference.digest?.description
        throw RucheError(
            .notFound, "\(reference.name)\(selector.map { ":\($0)" } ?? "") is not in the catalogue",
            cause: Self.forbidden(.read, on: reference.name.ownerName))
    }
}
