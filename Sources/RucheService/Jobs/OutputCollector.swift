import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Takes over what a job wrote: every regular file below `outputs`, hashed, and owned by the service again.
enum OutputCollector {
    struct Collection: Sendable {
        var outputs: [JobOutput] = []
        var warnings: [String] = []
    }

    private static let fileLimit = 1_000_000
    private static let warningLimit = 50
    /// Up to so many files are synced one by one, more of them with the whole file system.
    private static let singleSyncs = 32

    /// Contents are synced. Links, devices, sockets and pipes are left as they are and reported.
    @concurrent static func collect(_ folder: FilePath) async throws -> Collection {
        var result = Collection()
        var files: [String] = []
        var odd: [String] = []
        takeOver(folder)
        try FolderWalk.visit(folder) { entry in
            if entry.isFolder {
                takeOver(entry.parent, entry.name, mode: entry.status.st_mode & 0o777 | 0o700)
            } else if !entry.isText {
                odd.append("the output \"\(entry.path)\" has a name that is not UTF-8 and was left as it is")
            } else if entry.isRegular {
                files.append(entry.path)
            } else {
                odd.append("the output \"\(entry.path)\" is \(kind(entry)) and was left as it is")
            }
        } tooDeep: {
            odd.append("the output folder \"\($0)\" is nested too deeply and was not read")
        }
        if files.count > fileLimit {
            odd.append("there are \(files.count) outputs: only the first \(fileLimit) are recorded")
        }
        let isSingle = files.count <= singleSyncs
        if !isSingle { try DurableTree.sync(folder) }
        for path in files.prefix(fileLimit) {
            do {
                result.outputs.append(try await output(path, in: folder, syncs: isSingle))
            } catch let error as Errno {
                odd.append("the output \"\(path)\" can't be read: \(error)")
            }
        }
        result.warnings = Array(odd.prefix(warningLimit))
        if odd.count > warningLimit { result.warnings.append("and \(odd.count - warningLimit) more") }
        return result
    }

    /// Gives everything in a folder back to the service's user, and writes it to the disk.
    @concurrent static func reclaim(_ folder: FilePath) async throws {
        takeOver(folder)
        var count = 0
        try FolderWalk.visit(folder) { entry in
            let mode = entry.status.st_mode & 0o777
            if entry.isFolder { takeOver(entry.parent, entry.name, mode: mode | 0o700) }
            guard entry.isRegular else { return }
            takeOver(entry.parent, entry.name, mode: mode | 0o600)
            count += 1
            if count <= singleSyncs { try sync(entry.parent, entry.name) }
        }
        if count > singleSyncs { try DurableTree.sync(folder) } else { try AtomicFile.syncFolder(folder) }
    }

    private static func sync(_ parent: Int32, _ name: [CChar]) throws {
        let file = openat(parent, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { throw Errno(rawValue: errno) }
        defer { close(file) }  // it was not written to
        guard fsync(file) == 0 else { throw Errno(rawValue: errno) }
    }

    private static func output(_ path: String, in folder: FilePath, syncs: Bool) async throws -> JobOutput {
        let file = try FileDescriptor.open(
            folder.pushing(FilePath(path)), .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
        defer { try? file.close() }  // it was only read
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
        if syncs { try file.sync() }
        // Set-user-id bits of a job's files have no business on the host.
        fchown(file.rawValue, geteuid(), getegid())
        fchmod(file.rawValue, status.st_mode & 0o777 | 0o600)
        let (digest, size) = try await FileHasher.digest(file)
        return JobOutput(path: path, size: size, digest: digest)
    }

    private static func takeOver(_ folder: FilePath) {
        // Failure means that the service is not root: the job then ran as the service's own user.
        lchown(folder.string, geteuid(), getegid())
    }

    private static func takeOver(_ parent: Int32, _ name: [CChar], mode: mode_t) {
        fchownat(parent, name, geteuid(), getegid(), AT_SYMLINK_NOFOLLOW)
        fchmodat(parent, name, mode, 0)
    }

    private static func kind(_ entry: FolderWalk.Entry) -> String {
        switch entry.status.st_mode & S_IFMT {
        case S_IFLNK: "a symbolic link"
        case S_IFIFO: "a pipe"
        case S_IFSOCK: "a socket"
        default: "a device"
        }
    }
}
