/// Where an instance stands. `destroyed` absorbs every later event.
package enum InstanceState: String, Sendable, Codable, CaseIterable {
    case preparing, starting, ready, failed, stopping, stopped, destroyed

    /// Whether something of it may run.
    package var mayRun: Bool {
        switch self {
        case .starting, .ready, .stopping: true
        case .preparing, .failed, .stopped, .destroyed: false
        }
    }
}
