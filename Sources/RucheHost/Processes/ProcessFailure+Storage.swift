package import RucheCore
package import SystemPackage

extension ProcessFailure {
    /// As an error for people: `disk_full` when the program had no room left in `folder`, whatever it said of it,
    /// `build_failed` otherwise. To be called before what it wrote is removed.
    package func error(_ what: String, writingTo folder: FilePath) -> RucheError {
        guard errorTail.contains("No space left") || DiskReserve.isUsedUp(in: folder) else {
            return RucheError(.buildFailed, "\(what): \(self)", cause: self)
        }
        return RucheError(
            .diskFull, "\(what): no space left in \"\(folder)\", free some and try again",
            details: ["path": folder.string], cause: self)
    }
}
