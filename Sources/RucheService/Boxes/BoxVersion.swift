package import RucheCore

/// A version of a box, in whatever state.
package struct BoxVersion: Hashable, Sendable {
    /// In Vagrant's words.
    package enum Status: String, Sendable {
        case unreleased, active, revoked
    }

    package var version: ReleaseVersion
    package var status: Status
    /// Markdown.
    package var description: String?
    package var variants: [BoxVariant]
    /// Milliseconds since 1970.
    package var createdAt: Int64
    package var updatedAt: Int64
}
