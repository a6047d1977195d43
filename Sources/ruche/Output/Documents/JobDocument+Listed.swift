import RucheCore
import RucheWire

extension JobSummaryDocument: Listed {
    static var columns: [TextTable.Column] {
        [
            .text("ID"), .text("NAME"), .text("OWNER"), .text("RELEASE"), .text("STATE"), .number("DONE"),
            .number("TIME"),
            .number("LEFT"), .number("OUTPUTS"), .text("CREATED"),
        ]
    }

    func cells(now: Int64) -> [String] {
        [
            id.description, name ?? "-", owner?.description ?? "-", release, stateText,
            progress.map { HumanText.percent($0) } ?? "-",
            seconds(now: now).map { HumanText.duration($0) } ?? "-",
            estimatedEnd.map { "~" + HumanText.duration(Double(max(0, $0 - now)) / 1000) } ?? "-",
            state.isFinal ? "\(outputs)" : "-", HumanText.ago(createdAt, now: now),
        ]
    }

    var identifier: String { id.description }

    /// The state, and why it waits.
    private var stateText: String { waiting.map { "\(state.rawValue) (\($0.rawValue))" } ?? state.rawValue }

    private func seconds(now: Int64) -> Double? { startedAt.map { Double((endedAt ?? now) - $0) / 1000 } }
}

extension JobDocument {
    /// Wall time since it started; nil before that.
    func seconds(now: Int64) -> Double? { startedAt.map { Double((endedAt ?? now) - $0) / 1000 } }
}

extension JobFile: Listed {
    static var columns: [TextTable.Column] { [.text("FILE"), .number("SIZE"), .text("SHA256")] }

    func cells(now: Int64) -> [String] { [path, HumanText.size(size), digest?.hex ?? "-"] }

    var identifier: String { path }
}

extension JobExit {
    /// A sentence's worth: `exit code 1`, `killed: out of memory`.
    var summary: String {
        switch reason {
        case .exited: "exit code \(code ?? 0)" + (message.map { " (\($0))" } ?? "")
        case .signalled: "ended by signal \(signal ?? 0)"
        case .outOfMemory: "killed: its memory limit was reached"
        case .timedOut: "killed: its time limit was reached"
        case .diskLimit: "killed: its disk limit was reached"
        case .cancelled: "cancelled"
        case .engineFailure: message ?? "the engine failed"
        case .dependencyFailed: message ?? "a job that it comes after failed"
        }
    }

    var errorCode: ErrorCode {
        switch reason {
        case .timedOut: .timedOut
        case .cancelled: .cancelled
        case .exited, .signalled, .outOfMemory, .diskLimit, .engineFailure, .dependencyFailed: .jobFailed
        }
    }
}
