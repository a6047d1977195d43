import Glibc
import RucheCore
import RucheHost
package import SystemPackage

/// The file of a Unix socket, made safe before and after it is bound.
package enum SocketFile {
    /// `sun_path` of Linux, with its final NUL.
    private static let pathLimit = 108

    /// Makes the folder private (0700) when this process made it, and checks that the path fits.
    /// Throws `invalid_input` for a path that is too long and `not_permitted` for a folder of somebody else.
    package static func prepare(_ path: FilePath, privateFolder: Bool) throws {
        guard path.string.utf8.count < pathLimit else {
            throw RucheError(
                .invalidInput,
                "the socket path \(path) is over \(pathLimit - 1) bytes, which the system refuses: use a data directory with a shorter path"
            )
        }
        let folder = path.removingLastComponent()
        if !FileTree.isFolder(folder) { try FileTree.makeFolder(folder, permissions: privateFolder ? 0o700 : 0o755) }
        guard privateFolder else { return }
        var status = stat()
        guard lstat(folder.string, &status) == 0 else { throw Errno(rawValue: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
            throw RucheError(.notPermitted, "the folder \(folder) of the private socket is not yours")
        }
        guard chmod(folder.string, 0o700) == 0 else { throw Errno(rawValue: errno) }
    }

    package static func setMode(_ path: FilePath, _ mode: UInt32) throws {
        guard chmod(path.string, mode) == 0 else { throw Errno(rawValue: errno) }
    }

    package static func remove(_ path: FilePath) { unlink(path.string) }
}
