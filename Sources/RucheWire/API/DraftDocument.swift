package import RucheCore

/// A version that is being put together: a line of `GET /api/v1/environments/{owner}/{name}/drafts`.
package struct DraftDocument: Codable, Hashable, Sendable {
    package var name: EnvironmentName
    package var version: ReleaseVersion
    /// Markdown.
    package var description: String?
    package var variants: [Variant]
    /// Milliseconds since 1970.
    package var createdAt: Int64
    package var updatedAt: Int64

    package struct Variant: Codable, Hashable, Sendable {
        package var provider: String
        package var architecture: String
        package var isDefault: Bool
        /// Of the file, once it came.
        package var digest: Digest?
        package var size: Int64?
        package var checksum: String?
        package var url: String?
        package init(provider: String, architecture: String, isDefault: Bool) {
            self.provider = provider
            self.architecture = architecture
            self.isDefault = isDefault
        }
    }

    package init(
        name: EnvironmentName, version: ReleaseVersion, variants: [Variant], createdAt: Int64, updatedAt: Int64
    ) {
        self.name = name
        self.version = version
        self.variants = variants
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
