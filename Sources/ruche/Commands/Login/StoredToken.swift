import Glibc
import RucheClient
import RucheCore
import RucheHost
import SystemPackage

/// The token for one server, kept for its user alone.
struct StoredToken: Sendable {
    let path: FilePath

    /// Nil without a home folder.
    init?(_ server: ServerAddress, _ environment: ProcessEnvironment) {
        guard let folder = environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map({ $0 + "/.config" }) else {
            return nil
        }
        // The address as a file name that no other address has.
        let name = "\(server)".utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            return character.isLetter || character.isNumber || character == "." ? String(character) : "%\(byte)"
        }.joined()
        path = FilePath(folder).appending("ruche").appending("tokens").appending(name)
    }

    /// Nil when there is none. Throws `not_permitted` when others may read it.
    func read() throws -> String? {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { return nil }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0, status.st_uid == geteuid() else {
            throw RucheError(
                .notPermitted, "others may read the token in \(path): log in again with \"ruche login\"")
        }
        let text = String(decoding: try AtomicFile.read(path, limit: 4096), as: UTF8.self).filter { !$0.isWhitespace }
        return text.isEmpty ? nil : text
    }

    func write(_ token: String) throws {
        try FileTree.makeFolder(path.removingLastComponent(), permissions: 0o700)
        try AtomicFile.write(Array("\(token)\n".utf8), to: path, permissions: .ownerReadWrite)
    }

    /// False when there was none.
    func remove() -> Bool { unlink(path.string) == 0 }
}
