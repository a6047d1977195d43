package import RucheCore
package import RucheImages

/// Versions that are being put together, box by box, until they are released.
extension EnvironmentService {
    package func drafts(_ name: EnvironmentName) async throws -> [ReleaseDraft] { try await store.drafts(name) }

    package func draft(_ name: EnvironmentName, _ version: ReleaseVersion) async throws -> ReleaseDraft? {
        try await store.draft(name, version)
    }

    /// Throws `conflict` when there is one, `release_immutable` when the version is released.
    package func createDraft(
        _ name: EnvironmentName, _ version: ReleaseVersion, description: String?
    ) async throws -> ReleaseDraft {
        _ = try await environment(name)
        let draft = ReleaseDraft(name: name, version: version, description: description, createdAt: now())
        _ = try await store.changeDraft(name, version) { old in
            guard old == nil else { throw RucheError(.conflict, "\(name):\(version) is here already") }
            return draft
        }
        try await tell(name, "draft.created", ["version": .string(version.description)])
        return draft
    }

    /// Throws `not_found` when there is no such draft, `release_immutable` when the version is released.
    @discardableResult
    package func changeDraft(
        _ name: EnvironmentName, _ version: ReleaseVersion,
        _ change: @Sendable (inout ReleaseDraft) throws -> Void
    ) async throws -> ReleaseDraft {
        let time = now()
        let draft = try await store.changeDraft(name, version) { old in
            guard var draft = old else { throw Self.missing(name, version) }
            try change(&draft)
            draft.updatedAt = time
            return draft
        }
        try await catalogue.index.setDraft(draft, name, version)
        guard let draft else { throw Self.missing(name, version) }
        return draft
    }

    package func removeDraft(_ name: EnvironmentName, _ version: ReleaseVersion) async throws {
        _ = try await store.changeDraft(name, version) { old in
            guard old != nil else { throw Self.missing(name, version) }
            return nil
        }
        try await catalogue.index.setDraft(nil, name, version)
        try await tell(name, "draft.removed", ["version": .string(version.description)])
    }

    /// Makes a draft a release, which never changes again. Throws `invalid_state` for one with nothing in it.
    package func release(_ name: EnvironmentName, _ version: ReleaseVersion) async throws -> Release {
        guard let draft = try await store.draft(name, version) else { throw Self.missing(name, version) }
        guard !draft.variants.isEmpty else {
            throw RucheError(.invalidState, "\(name):\(version) has no provider yet: add one and upload its box first")
        }
        for box in draft.variants where box.blob == nil && box.url == nil {
            throw RucheError(
                .invalidState,
                "\(name):\(version) has no file yet for \(box.provider) on \(box.architecture): upload it first")
        }
        let lease = try lease()
        defer { lease.end() }
        let assembler = ReleaseAssembler(store: content)
        var manifests: [Descriptor] = []
        for box in draft.variants { manifests.append(try await box.store(with: assembler)) }
        let (descriptor, index) = try await assembler.index(
            name: name, version: version, manifests: manifests,
            annotations: draft.description.map { [Annotation.imageDescription: $0] } ?? [:])
        let release = Release(
            name: name, version: version, digest: descriptor.digest, index: index, referrers: [],
            publishedAt: now() / 1000)
        try await store.publish(release)
        // A draft that a crash leaves beside its release is found to be one at the next look.
        _ = try await store.changeDraft(name, version) { _ in nil }
        try await catalogue.published(release)
        try await catalogue.index.setDraft(nil, name, version)
        return release
    }

    /// Removes drafts that became releases while the server was killed.
    package func endReleasedDrafts() async throws {
        for name in try await store.environments() {
            for draft in try await store.drafts(name)
            where try await store.release(name, draft.version) != nil {
                _ = try await store.changeDraft(name, draft.version) { _ in nil }
                try await catalogue.index.setDraft(nil, name, draft.version)
            }
        }
    }

    private static func missing(_ name: EnvironmentName, _ version: ReleaseVersion) -> RucheError {
        RucheError(.notFound, "\(name):\(version) is not in the catalogue")
    }
}
