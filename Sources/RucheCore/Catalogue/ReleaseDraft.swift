/// A version that is being put together and that nobody fetches yet: its variants may still change.
package struct ReleaseDraft: Hashable, Sendable, Codable {
    package var name: EnvironmentName
    package var version: ReleaseVersion
    /// Markdown (CommonMark).
    package var description: String?
    package var variants: [BoxVariant]
    /// Milliseconds since 1970.
    package var createdAt: Int64
    package var updatedAt: Int64

    package init(name: EnvironmentName, version: ReleaseVersion, description: String? = nil, createdAt: Int64) {
        self.name = name
        self.version = version
        self.description = description
        variants = []
        self.createdAt = createdAt
        updatedAt = createdAt
    }
}
