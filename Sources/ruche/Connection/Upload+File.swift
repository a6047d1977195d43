import RucheClient
import RucheCore
import RucheHost
import SystemPackage

extension Upload {
    /// A file to send, with its bytes sent and in all as it goes. Throws `not_found` for a file that is not there.
    static func file(
        _ path: FilePath, onProgress: @escaping @Sendable (_ sent: Int64, _ total: Int64) -> Void
    ) throws -> Upload {
        do {
            let total = try Upload(file: path).length ?? 0
            return try Upload(file: path) { onProgress($0, total) }
        } catch let error as Errno {
            let code: ErrorCode = error == .noSuchFileOrDirectory ? .notFound : .invalidInput
            throw RucheError(code, "can't read \(path): \(error)", cause: error)
        }
    }
}
