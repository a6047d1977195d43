import RucheClient
import RucheCore
import RucheHost
import SystemPackage

/// A recipe on this machine, checked, ready to be sent with what it reads.
struct RecipeSource: Sendable {
    /// The recipe's folder, and its own name in it.
    let folder: FilePath
    let recipeFile: String

    var summary: String { recipeFile }

    static func load(_ path: String, _ environment: ProcessEnvironment) throws -> RecipeSource {
        throw RucheError(.unsupported, "recipes can't be read yet")
    }

    func readLock(_ path: FilePath) throws -> [UInt8] {
        do { return try AtomicFile.read(path) } catch let error as Errno {
            let code: ErrorCode = error == .noSuchFileOrDirectory ? .notFound : .invalidInput
            throw RucheError(code, "can't read the lock \(path): \(error)", cause: error)
        }
    }

    func withArchive(lock: [UInt8]?, temporary: FilePath, _ body: (Upload) async throws -> Void) async throws {
        throw RucheError(.unsupported, "recipes can't be sent yet")
    }
}
