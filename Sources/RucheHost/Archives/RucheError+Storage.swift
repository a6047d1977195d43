package import RucheCore
package import SystemPackage

extension RucheError {
    /// A failed call on a file, as an error that names the file and says what to do.
    /// No space and an exceeded quota become `disk_full`, a refusal `not_permitted`.
    package static func storage(_ error: Errno, _ action: String, _ path: FilePath) -> RucheError {
        switch error {
        case .noSpace, .diskQuotaExceeded:
            RucheError(
                .diskFull, "no space left to \(action) \"\(path)\": free some and try again",
                details: ["path": path.string], cause: error)
        case .permissionDenied, .notPermitted:
            RucheError(
                .notPermitted, "not allowed to \(action) \"\(path)\": \(error)", details: ["path": path.string],
                cause: error)
        default:
            RucheError(
                .internalError, "can't \(action) \"\(path)\": \(error)", details: ["path": path.string], cause: error)
        }
    }
}
