/// Where a job stands. `succeeded`, `failed` and `cancelled` are final and absorb every later event.
package enum JobState: String, Sendable, Codable, CaseIterable {
    case queued, preparing, running, paused, finalizing, succeeded, failed, cancelled

    package var isFinal: Bool {
        switch self {
        case .succeeded, .failed, .cancelled: true
        case .queued, .preparing, .running, .paused, .finalizing: false
        }
    }
}
