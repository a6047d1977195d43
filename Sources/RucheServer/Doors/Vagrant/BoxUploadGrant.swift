import RucheCore

/// The right to send one box file: its address is all that a client has to show.
struct BoxUploadGrant: Codable, Hashable, Sendable {
    var name: EnvironmentName
    var version: ReleaseVersion
    var provider: String
    var architecture: String?
    /// Who asked for it, for events.
    var actor: String
    /// Seconds since 1970.
    var expiresAt: Int64
}
