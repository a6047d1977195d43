import Crypto
import Glibc
import RucheCore
import RucheHost
package import SystemPackage

/// The token of the administrator. Only its SHA-256 is kept in memory.
package struct AccessToken: Sendable {
    private let hash: [UInt8]

    package init(_ text: String) { hash = Self.hash(text) }

    /// Compares in a time that does not depend on where the two differ.
    package func matches(_ candidate: some StringProtocol) -> Bool {
        zip(hash, Self.hash(String(candidate))).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func hash(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// Reads the token file, or makes it with mode 0600 and 256 random bits. Throws `not_permitted` when
    /// others may read it.
    package static func load(_ path: FilePath) throws -> AccessToken {
        if !FileTree.exists(path) {
            var generator = SystemRandomNumberGenerator()
            let digits = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            try AtomicFile.write(Array("\(Digest(bytes: digits).hex)\n".utf8), to: path, permissions: .ownerReadWrite)
        }
        var status = stat()
        guard lstat(path.string, &status) == 0 else { throw Errno(rawValue: errno) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0, status.st_uid == geteuid() else {
            throw RucheError(
                .notPermitted, "others may read the token file \(path): make it yours alone with \"chmod 600 \(path)\"")
        }
        let text = String(decoding: try AtomicFile.read(path, limit: 4096), as: UTF8.self)
        let token = text.filter { !$0.isWhitespace }
        guard token.utf8.count >= 16 else {
            throw RucheError(.invalidInput, "the token in \(path) is too short: remove the file and a new one is made")
        }
        return AccessToken(token)
    }
}
