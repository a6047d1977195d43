package import RucheCore

/// What the operator lets a build of somebody's Dockerfile have.
package struct DockerfileBuilderConfiguration: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case buildah, docker
    }

    package var kind = Kind.buildah
    /// The Docker engine's address as `DOCKER_HOST` has it; nil for the usual socket.
    package var dockerHost: String?
    /// Whether steps reach the network and bases may be pulled from registries.
    package var allowsNetwork = false
    package var memory = ByteCount(4 << 30)
    package var processes = 4096
    /// Seconds for one build.
    package var time = 7200

    package init() {}
}
