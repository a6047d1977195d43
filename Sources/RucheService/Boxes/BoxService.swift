package import RucheCore
package import RucheImages

/// Environments as Vagrant boxes: versions that are drafts or releases, with a box for each provider and architecture.
package struct BoxService: Sendable {
    package let environments: EnvironmentService
    let uploads: BlobUploads
    var store: any CatalogueStore { environments.store }
    package var content: any ContentStore { environments.content }

    package init(environments: EnvironmentService, uploads: BlobUploads) {
        self.environments = environments
        self.uploads = uploads
    }

    /// Versions that have boxes, newest first. With `drafts` also those that are not released.
    package func versions(of name: EnvironmentName, drafts: Bool) async throws -> [BoxVersion] {
        var versions: [BoxVersion] = []
        for version in try await environments.catalogue.versions(of: name) {
            guard let release = try await store.release(name, version) else { continue }
            let version = try await self.version(of: release)
            if !version.variants.isEmpty { versions.append(version) }
        }
        if drafts { versions += try await environments.drafts(name).map(Self.version) }
        return versions.sorted { $0.version > $1.version }
    }

    /// Throws `not_found`.
    package func version(_ version: ReleaseVersion, of name: EnvironmentName) async throws -> BoxVersion {
        if let draft = try await environments.draft(name, version) { return Self.version(draft) }
        guard let release = try await store.release(name, version) else {
            throw RucheError(.notFound, "\(name) has no version \(version)")
        }
        return try await self.version(of: release)
    }

    /// The box of a release that stands, for a download. Throws `not_found` or `gone`.
    package func box(
        of name: EnvironmentName, _ version: ReleaseVersion, provider: String, architecture: String?
    ) async throws -> BoxVariant {
        if let release = try await store.release(name, version) { try release.requireStanding() }
        let found = try await self.version(version, of: name)
        guard found.status == .active,
            let box = Self.pick(found.variants, provider: provider, architecture: architecture)
        else {
            throw RucheError(
                .notFound,
                "\(name):\(version) has no box for \(provider.prefix(60))\(architecture.map { " on \($0.prefix(30))" } ?? "")"
            )
        }
        return box
    }

    /// The variant of a provider for an architecture; without one its default, or the only one.
    package static func pick(_ variants: [BoxVariant], provider: String, architecture: String?) -> BoxVariant? {
        let found = variants.filter { $0.provider == provider }
        if let architecture { return found.first { $0.architecture == architecture } }
        return found.first { $0.isDefault } ?? (found.count == 1 ? found[0] : nil)
    }

    private func version(of release: Release) async throws -> BoxVersion {
        var variants: [BoxVariant] = []
        for descriptor in release.index.manifests where descriptor.artifactType == MediaType.box {
            let manifest = try await content.document(Manifest.self, descriptor.digest)
            if let box = BoxVariant(descriptor, manifest: manifest) { variants.append(box) }
        }
        let time = release.publishedAt * 1000
        return BoxVersion(
            version: release.version, status: release.revocation == nil ? .active : .revoked,
            description: release.index.annotations?[Annotation.imageDescription], variants: variants,
            createdAt: variants.map(\.createdAt).min() ?? time, updatedAt: time)
    }

    private static func version(_ draft: ReleaseDraft) -> BoxVersion {
        BoxVersion(
            version: draft.version, status: .unreleased, description: draft.description, variants: draft.variants,
            createdAt: draft.createdAt, updatedAt: draft.updatedAt)
    }
}
