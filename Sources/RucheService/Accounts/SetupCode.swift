import RucheHost
import Synchronization
import SystemPackage

/// The code that lets who can read a file of the server's machine make the first administrator, once.
///
/// Each start makes another one: 256 random bits, of which only the SHA-256 stays in memory.
final class SetupCode: Sendable {
    private let state = Mutex<(hash: String, file: FilePath)?>(nil)

    /// Writes a new code to `file` (mode 0600) and gives it. The one before is worthless.
    func open(_ file: FilePath) throws -> String {
        let secret = Secret()
        try AtomicFile.write(Array("\(secret.text)\n".utf8), to: file, permissions: .ownerReadWrite)
        state.withLock { $0 = (secret.hash, file) }
        return secret.text
    }

    var isOpen: Bool { state.withLock { $0 != nil } }

    func matches(_ candidate: String) -> Bool {
        guard let hash = state.withLock({ $0?.hash }) else { return false }
        return Secret.same(hash.utf8, Secret.hash(candidate).utf8)
    }

    /// Ends it; its file goes.
    func close() {
        let file = state.withLock { state in
            defer { state = nil }
            return state?.file
        }
        // A code that is worthless may stay.
        if let file { try? FileTree.remove(file) }
    }
}
