import RucheCore
import RucheHost

/// Errors of programs that steps run.
enum StepFailure {
    static func check(_ status: ExitStatus, _ what: String, _ keeper: LineKeeper) throws {
        guard !status.isSuccess else { return }
        if keeper.kept.contains(where: { $0.contains("No space left on device") }) {
            throw RucheError(.diskFull, "the disk is full: \(what) could not write")
        }
        throw error(what, status)
    }

    static func error(_ what: String, _ status: ExitStatus) -> RucheError {
        let end =
            switch status {
            case .exited(let code): "exited with \(code)"
            case .signalled(let signal): "was ended by signal \(signal)"
            }
        return RucheError(.buildFailed, "\(what) \(end)", details: ["exit_code": String(status.shellCode)])
    }
}
