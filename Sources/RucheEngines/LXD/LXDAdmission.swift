import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Lets the users of a container at what it is given, where they are other users of the machine than their numbers
/// say: what is theirs by number is given to who they are. Nothing is opened to everybody.
struct LXDAdmission: Sendable {
    let map: LXDIdentityMap
    let sandbox: SandboxSpec
    /// Only below it may owners of inputs be changed: what is elsewhere is somebody's.
    let data: FilePath

    func admit(_ mounts: [SandboxSpec.Mount]) throws {
        guard !map.isIdentity else { return }
        for mount in mounts {
            if mount.readOnly { try admitReader(mount.source, depth: 1) } else { try admitOwner(mount.source) }
        }
    }

    /// A folder that the container owns, or a file.
    func admitOwner(_ path: FilePath) throws {
        let status = try Self.status(path)
        guard status.st_uid == sandbox.uid else { return }
        try give(path, try map.user(sandbox.uid), try map.group(sandbox.gid))
    }

    private func admitReader(_ path: FilePath, depth: Int) throws {
        let status = try Self.status(path)
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        guard isFolder || status.st_mode & S_IFMT == S_IFREG else { return }
        let needed: mode_t = isFolder ? 0o005 : 0o004
        if status.st_mode & needed != needed, try !isAdmitted(status, needed) {
            let isOwner = status.st_uid == sandbox.uid
            // A file with other names is somebody else's too.
            guard path.starts(with: data), isFolder || status.st_nlink == 1, isOwner || status.st_gid == sandbox.gid
            else {
                // What is in a folder may be the place of another mount, or not for the job.
                if depth == 0 { return }
                throw unreadable(path)
            }
            try give(path, isOwner ? map.user(sandbox.uid) : status.st_uid, map.group(sandbox.gid))
        }
        guard isFolder, depth > 0, path.starts(with: data) else { return }
        for name in try FileTree.names(in: path) { try admitReader(path.appending(name), depth: depth - 1) }
    }

    private func isAdmitted(_ status: stat, _ needed: mode_t) throws -> Bool {
        let isOwner = try status.st_uid == map.user(sandbox.uid) && status.st_mode & (needed << 6) == needed << 6
        return try isOwner || status.st_gid == map.group(sandbox.gid) && status.st_mode & (needed << 3) == needed << 3
    }

    private func give(_ path: FilePath, _ user: UInt32, _ group: UInt32) throws {
        guard lchown(path.string, user, group) == 0 else { throw Errno(rawValue: errno) }
    }

    private static func status(_ path: FilePath) throws -> stat {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { throw Errno(rawValue: errno) }
        return status
    }

    private func unreadable(_ path: FilePath) -> RucheError {
        RucheError(
            .invalidInput,
            "the users of an LXD container are no users of this machine and can't read \(path): let others read it",
            details: ["path": path.string])
    }
}
