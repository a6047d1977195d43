package import RucheCore

/// What a persistent identifier names.
package struct IdentifierDocument: Codable, Hashable, Sendable {
    package var ark: String
    package var name: EnvironmentName
    /// Nil for the environment itself.
    package var version: ReleaseVersion?

    package init(ark: String, name: EnvironmentName, version: ReleaseVersion?) {
        self.ark = ark
        self.name = name
        self.version = version
    }
}
