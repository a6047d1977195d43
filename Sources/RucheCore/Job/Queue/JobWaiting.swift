/// Why a queued job does not run yet.
package enum JobWaiting: String, Sendable, Codable, CaseIterable {
    /// Jobs that it comes after are not over.
    case dependency
    /// An input is still being uploaded.
    case upload
    /// An attempt failed; the next one waits for its time.
    case retry
    /// The engine is not ready.
    case engine
    /// Every slot, CPU or byte of memory that it may have is taken.
    case slot
}
