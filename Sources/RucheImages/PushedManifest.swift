package import RucheCore

/// A manifest that a client of a registry pushed into a repository; its bytes are in the content store as they came
/// (distribution specification 1.1, "Pushing manifests").
package struct PushedManifest: Hashable, Sendable, Codable {
    /// As the referrers API answers it: media type, digest, size, artifact type, annotations.
    package var descriptor: Descriptor
    /// The manifest that this one is about.
    package var subject: Digest?
    /// Blobs and manifests that it names, with their media types.
    package var children: [Descriptor]
    /// Milliseconds since 1970.
    package var pushedAt: Int64

    package init(descriptor: Descriptor, subject: Digest?, children: [Descriptor], pushedAt: Int64) {
        self.descriptor = descriptor
        self.subject = subject
        self.children = children
        self.pushedAt = pushedAt
    }
}

/// Manifests that were pushed, by repository, and the tags that name them.
package protocol PushedManifestStore: Sendable {
    func pushedManifest(_ digest: Digest, of name: EnvironmentName) async throws -> PushedManifest?
    func pushedManifests(of name: EnvironmentName) async throws -> [PushedManifest]
    /// Manifests whose subject this is, by digest.
    func pushedReferrers(of subject: Digest, in name: EnvironmentName) async throws -> [PushedManifest]
    /// In one step that nobody else comes between. `tag` then names it.
    func add(_ manifest: PushedManifest, to name: EnvironmentName, tag: String?) async throws
    /// With every tag that names it. Nothing happens when it is not there.
    func removePushedManifest(_ digest: Digest, of name: EnvironmentName) async throws
    /// Tags that name pushed manifests, not versions.
    func manifestTags(_ name: EnvironmentName) async throws -> [String: Digest]
    func removeManifestTag(_ tag: String, of name: EnvironmentName) async throws
}
