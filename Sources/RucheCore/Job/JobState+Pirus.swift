extension JobState {
    /// The status word of Pirus and Regovar pipelines (`waiting`, `initializing`, `running`, `pause`,
    /// `finalizing`, `done`, `error`, `canceled`).
    package var pirusName: String {
        switch self {
        case .queued: "waiting"
        case .preparing: "initializing"
        case .running: "running"
        case .paused: "pause"
        case .finalizing: "finalizing"
        case .succeeded: "done"
        case .failed: "error"
        case .cancelled: "canceled"
        }
    }

    /// Reads a status word of any generation, in any case; nil for another word.
    package init?(pirusName: some StringProtocol) {
        let oldest = [
            "wait": Self.queued, "init": .preparing, "run": .running, "fail": .failed, "failed": .failed,
            "cancel": .cancelled, "cancelled": .cancelled, "finish": .succeeded,
        ]
        let word = pirusName.lowercased()
        guard let state = Self.allCases.first(where: { $0.pirusName == word }) ?? oldest[word] else { return nil }
        self = state
    }
}
