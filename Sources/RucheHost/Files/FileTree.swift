import Glibc
package import SystemPackage

/// Folders and what is in them, by the system's own calls.
package enum FileTree {
    /// Makes a folder with its parents; one that exists is no error.
    package static func makeFolder(_ path: FilePath, permissions: UInt32 = 0o755) throws {
        if mkdir(path.string, permissions) == 0 || (errno == EEXIST && isFolder(path)) { return }
        guard errno == ENOENT, path.removingLastComponent() != path else { throw Errno(rawValue: errno) }
        try makeFolder(path.removingLastComponent())
        guard mkdir(path.string, permissions) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
    }

    /// Sets the permissions of a file or folder.
    package static func setMode(_ path: FilePath, _ mode: UInt32) throws {
        guard chmod(path.string, mode) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Makes one folder whose parent exists; false when there is something of that name already.
    package static func makeNewFolder(_ path: FilePath, permissions: UInt32 = 0o755) throws -> Bool {
        if mkdir(path.string, permissions) == 0 { return true }
        guard errno == EEXIST else { throw Errno(rawValue: errno) }
        return false
    }

    /// Removes a file or a folder with all it holds, without following links or leaving the file system.
    /// A missing one is no error.
    package static func remove(_ path: FilePath) throws {
        var status = stat()
        guard lstat(path.string, &status) == 0 else {
            if errno == ENOENT { return }
            throw Errno(rawValue: errno)
        }
        try remove(path.string, at: AT_FDCWD, isFolder: status.st_mode & S_IFMT == S_IFDIR, device: status.st_dev)
    }

    private static func remove(
        _ name: UnsafePointer<CChar>, at parent: Int32, isFolder: Bool, device: dev_t
    ) throws {
        for attempt in 1... {
            if isFolder { try removeContents(of: name, at: parent, device: device) }
            guard unlinkat(parent, name, isFolder ? AT_REMOVEDIR : 0) != 0, errno != ENOENT else { return }
            // Somebody put something there meanwhile.
            guard errno == ENOTEMPTY, attempt < 5 else { throw Errno(rawValue: errno) }
        }
    }

    private static func removeContents(of name: UnsafePointer<CChar>, at parent: Int32, device: dev_t) throws {
        let descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0, let folder = fdopendir(descriptor) else {
            if errno == ENOENT { return }
            throw Errno(rawValue: errno)
        }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            // Names are passed on as bytes: one that is no UTF-8 would not be found under its repaired text.
            try withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                try pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    try removeChild($0, of: descriptor, device: device)
                }
            }
        }
    }

    private static func removeChild(_ child: UnsafePointer<CChar>, of folder: Int32, device: dev_t) throws {
        var status = stat()
        if strcmp(child, ".") == 0 || strcmp(child, "..") == 0
            || fstatat(folder, child, &status, AT_SYMLINK_NOFOLLOW) != 0
        {
            return
        }
        // Another device is a mount: what is behind it is not ours to remove.
        guard status.st_dev == device else { throw Errno.resourceBusy }
        try remove(child, at: folder, isFolder: status.st_mode & S_IFMT == S_IFDIR, device: device)
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
    }

    package static func exists(_ path: FilePath) -> Bool {
        var status = stat()
        return lstat(path.string, &status) == 0
    }

    /// Bytes of a file, whether they take room on the disk or not.
    package static func size(_ path: FilePath) throws -> Int64 {
        var status = stat()
        guard stat(path.string, &status) == 0 else { throw Errno(rawValue: errno) }
        return Int64(status.st_size)
    }

    package static func isFolder(_ path: FilePath) -> Bool {
        var status = stat()
        return stat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Names in a folder, sorted by byte value, without `.` and `..`.
    package static func names(in path: FilePath) throws -> [String] {
        guard let folder = opendir(path.string) else { throw Errno(rawValue: errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = name(of: entry)
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    }

    /// What a path is, links not followed.
    package enum Kind: Hashable, Sendable {
        case folder
        case regular(size: Int64)
        case other
    }

    /// Throws the system's error for a path that is not there.
    package static func kind(_ path: FilePath) throws -> Kind {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { throw Errno(rawValue: errno) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFREG: return .regular(size: Int64(status.st_size))
        default: return .other
        }
    }

    /// The text of a symbolic link, or nil for anything else.
    package static func linkTarget(_ path: FilePath) throws -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(path.string, &buffer, Int(PATH_MAX))
        if count < 0 {
            if errno == EINVAL || errno == ENOENT || errno == ENOTDIR { return nil }
            throw Errno(rawValue: errno)
        }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
