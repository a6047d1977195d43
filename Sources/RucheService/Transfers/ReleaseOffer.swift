package import RucheCore
package import RucheImages

/// A release with all that another site needs to have it too.
package struct ReleaseOffer: Sendable {
    package var release: Release
    /// Manifests about it that others pushed.
    package var attached: [Descriptor]
    /// Every blob of it; none of one that is revoked.
    package var blobs: [Descriptor]
    package var profile: EnvironmentProfile?

    package init(
        release: Release, attached: [Descriptor] = [], blobs: [Descriptor] = [], profile: EnvironmentProfile? = nil
    ) {
        self.release = release
        self.attached = attached
        self.blobs = blobs
        self.profile = profile
    }
}
