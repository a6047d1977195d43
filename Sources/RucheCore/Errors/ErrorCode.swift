/// A stable, machine-readable reason for a failure.
///
/// Codes are open: a code this version does not know decodes as itself, so a newer server never
/// crashes an older client. The tables `ErrorCode -> HTTP status` (RucheServer) and
/// `ErrorCode -> exit status` (ruche) are the only places that switch over them.
package struct ErrorCode: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package var description: String { rawValue }

    // Bad input (found before any work starts)
    package static let invalidInput = Self(rawValue: "invalid_input")
    package static let invalidRecipe = Self(rawValue: "invalid_recipe")
    package static let invalidForm = Self(rawValue: "invalid_form")
    package static let invalidReference = Self(rawValue: "invalid_reference")
    package static let invalidArchive = Self(rawValue: "invalid_archive")

    // State of the catalogue and of jobs
    package static let notFound = Self(rawValue: "not_found")
    package static let conflict = Self(rawValue: "conflict")
    package static let immutable = Self(rawValue: "release_immutable")
    package static let inUse = Self(rawValue: "in_use")
    package static let invalidState = Self(rawValue: "invalid_state")
    package static let corruptContent = Self(rawValue: "corrupt_content")

    // Uploads
    package static let gone = Self(rawValue: "gone")
    package static let locked = Self(rawValue: "locked")
    package static let checksumMismatch = Self(rawValue: "checksum_mismatch")
    package static let wrongMediaType = Self(rawValue: "unsupported_media_type")
    package static let wrongProtocolVersion = Self(rawValue: "unsupported_protocol_version")
    package static let quotaExceeded = Self(rawValue: "quota_exceeded")

    // Work that failed
    package static let buildFailed = Self(rawValue: "build_failed")
    package static let testFailed = Self(rawValue: "test_failed")
    package static let jobFailed = Self(rawValue: "job_failed")
    package static let instanceFailed = Self(rawValue: "instance_failed")
    package static let cancelled = Self(rawValue: "cancelled")
    package static let timedOut = Self(rawValue: "timed_out")

    // The machine
    package static let missingTool = Self(rawValue: "missing_tool")
    package static let notPermitted = Self(rawValue: "not_permitted")
    package static let networkUnavailable = Self(rawValue: "network_unavailable")
    package static let diskFull = Self(rawValue: "disk_full")
    package static let engineUnavailable = Self(rawValue: "engine_unavailable")
    package static let serverUnavailable = Self(rawValue: "server_unavailable")
    package static let unauthorized = Self(rawValue: "unauthorized")
    package static let forbidden = Self(rawValue: "forbidden")
    package static let tooManyRequests = Self(rawValue: "too_many_requests")
    package static let unsupported = Self(rawValue: "unsupported")
    package static let internalError = Self(rawValue: "internal_error")

    /// The detail of an error that says after how many seconds to ask again.
    package static let retryAfter = "retry_after"
}
