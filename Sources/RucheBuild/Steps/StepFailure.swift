import RucheCore
import RucheHost
import SystemPackage

/// Errors of programs that steps run.
enum StepFailure {
    static func check(_ status: ExitStatus, _ what: String, _ keeper: LineKeeper) throws {
        guard !status.isSuccess else { return }
        if keeper.kept.contains(where: { $0.contains("No space left on device") }) {
            throw RucheError(.diskFull, "the disk is full: \(what) could not write")
        }
        throw error(what, status)
    }

    /// The error of a step, as `disk_full` when nothing is left on the disk of `folder`.
    static func onDisk(of folder: FilePath, _ error: any Error) -> any Error {
        guard var failure = error as? RucheError, failure.code == .buildFailed, DiskReserve.isUsedUp(in: folder) else {
            return error
        }
        failure.code = .diskFull
        failure.message = "the disk of \"\(folder)\" is full: \(failure.message)"
        return failure
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
