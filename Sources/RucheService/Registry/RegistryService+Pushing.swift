package import RucheCore
package import RucheImages
import RucheStore

extension RegistryService {
    /// The largest manifest that is taken, bytes.
    package static let manifestLimit = 8 << 20

    /// Keeps a manifest as it came. Under a version it becomes a release, which no other push can change. Throws
    /// `invalid_input`, `not_found` with the detail `digest` for what it names and the repository lacks, or
    /// `release_immutable`.
    package func push(
        _ bytes: [UInt8], mediaType: String, to name: EnvironmentName, as reference: String
    ) async throws -> PushedManifest {
        let document = try ManifestDocument(bytes, mediaType: mediaType)
        let digest = StreamHasher.digest(of: bytes)
        let named = Digest(reference)
        if let named, named != digest {
            throw RucheError(.checksumMismatch, "the manifest has the digest \(digest), not \(named)")
        }
        guard named != nil || ReleaseReference.isTag(reference) else {
            throw RucheError(.invalidInput, "\"\(reference.prefix(140))\" is neither a tag nor a sha256 digest")
        }
        // Before anything is looked at: what is seen then stays.
        let lease = try lease()
        defer { lease.end() }
        for child in document.children { try await require(child, in: name) }
        _ = try await content.put(bytes, expected: digest)
        var descriptor = Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
        descriptor.artifactType = document.effectiveArtifactType
        descriptor.annotations = document.annotations
        let manifest = PushedManifest(
            descriptor: descriptor, subject: document.subject?.digest, children: document.children, pushedAt: now())
        let version = named == nil ? ReleaseVersion(reference) : nil
        if let version { try await refuseChange(of: name, version, digest) }
        try await store.add(manifest, to: name, tag: named == nil && version == nil ? reference : nil)
        try await catalogue.index.setPushed(digest, of: name, manifest)
        if let version {
            try await publish(descriptor, document, as: name, version)
        } else {
            try await catalogue.index.touch(name, at: manifest.pushedAt)
            try await catalogue.index.saveTags(of: name)
        }
        return manifest
    }

    /// Before anything of the new manifest is kept: nobody may be told that it was taken.
    private func refuseChange(of name: EnvironmentName, _ version: ReleaseVersion, _ digest: Digest) async throws {
        guard let old = try await store.release(name, version), old.digest != digest, old.pushed?.digest != digest
        else { return }
        throw RucheError(
            .immutable,
            "\(name):\(version) is released and never changes: push the new content under a new version, or a tag that is no version"
        )
    }

    private func publish(
        _ descriptor: Descriptor, _ document: ManifestDocument, as name: EnvironmentName, _ version: ReleaseVersion
    ) async throws {
        let time = now() / 1000
        if ManifestDocument.indexes.contains(descriptor.mediaType) {
            let index = try await content.document(ImageIndex.self, descriptor.digest)
            let release = Release(
                name: name, version: version, digest: descriptor.digest, index: index, referrers: [],
                publishedAt: time)
            try await store.publish(release)
            return try await catalogue.published(release)
        }
        var plain = Descriptor(mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size)
        plain.artifactType = document.artifactType
        plain.platform = try await platform(document)
        let (made, index) = try await ReleaseAssembler(store: content).index(
            name: name, version: version, manifests: [plain],
            annotations: (document.annotations ?? [:]).filter { $0.key.hasPrefix("org.opencontainers.image.") })
        let release = Release(
            name: name, version: version, digest: made.digest, index: index, referrers: [], publishedAt: time,
            pushed: plain)
        try await store.publish(release)
        try await catalogue.published(release)
    }

    /// What an image's configuration says it runs on; nil for an artifact.
    private func platform(_ document: ManifestDocument) async throws -> Descriptor.Platform? {
        guard let config = document.config, [MediaType.imageConfig, MediaType.dockerConfig].contains(config.mediaType)
        else { return nil }
        struct Configuration: Decodable {
            var architecture: String?
            var os: String?
            var variant: String?
        }
        guard let values = try? await content.document(Configuration.self, config.digest),
            let architecture = values.architecture
        else { return nil }
        var platform = Descriptor.Platform(architecture: architecture, os: values.os ?? "linux")
        platform.variant = values.variant
        return platform
    }

    /// Throws `not_found` for what the repository lacks, `invalid_input` for another size than the manifest says.
    private func require(_ child: Descriptor, in name: EnvironmentName) async throws {
        guard try await has(child.digest, in: name), let size = try await content.size(of: child.digest)?.bytes else {
            throw RucheError(
                .notFound, "\(name) has no blob \(child.digest), which the manifest names: push it first",
                details: ["digest": child.digest.description])
        }
        guard size == child.size else {
            throw RucheError(
                .invalidInput, "the manifest says that \(child.digest) has \(child.size) bytes, and it has \(size)")
        }
    }

    /// Ends an upload: its bytes are a blob of the repository.
    package func finish(_ id: Identifier, of name: EnvironmentName, expected: Digest) async throws {
        _ = try await uploads.commit(id, of: name, expected: expected, to: content) { blob, _ in
            try await note(blob, name)
        }
    }

    /// Appends to an upload; how much there is then. Throws `quota_exceeded` when that is more than its owner may keep.
    package func append(
        to id: Identifier, of name: EnvironmentName, at offset: Int64? = nil,
        _ body: (_ send: @escaping (UnsafeRawBufferPointer) throws -> Void) async throws -> Void
    ) async throws -> Int64 {
        let size = try uploads.size(id, of: name)
        return try await uploads.append(to: id, of: name, at: offset) { send in
            try await body(try await QuotaGuard(database).bounded(send, for: name.ownerName, from: size))
        }
    }

    /// Gives a repository a blob that another one has; false when that has none.
    package func mount(_ digest: Digest, from source: EnvironmentName, to name: EnvironmentName) async throws -> Bool {
        guard try await has(digest, in: source), let size = try await content.size(of: digest) else { return false }
        try await note(StoredBlob(digest: digest, size: size), name)
        return try await content.size(of: digest) != nil
    }

    private func note(_ blob: StoredBlob, _ name: EnvironmentName) async throws {
        let time = now()
        let (digest, size) = (blob.digest.description, blob.size.bytes)
        try await database.write { connection in
            try QuotaCheck(connection: connection).require([(digest, size)], for: name.owner)
            try EnvironmentBlobRepository(connection).push(digest, size: size, to: name.description, at: time)
        }
    }
}
