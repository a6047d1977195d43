import Glibc
package import SystemPackage

/// Files of another root file system, found as a process with that root would find them: links, absolute
/// ones and `..` too, never lead out of it.
///
/// Nothing may change the tree meanwhile: it is the root of a container that does not run.
package enum RootedFile {
    /// As many links as the kernel follows.
    private static let linkLimit = 40

    /// Reads a whole small regular file. Throws `Errno.tooManySymbolicLinkLevels` for a loop,
    /// `Errno.invalidArgument` for what is no regular file, `Errno.fileTooLarge` over `limit` bytes.
    package static func read(_ path: FilePath, in root: FilePath, limit: Int) throws -> [UInt8] {
        let place = try resolve(path, in: root)
        // Not to wait for the writer of a named pipe.
        let file = try FileDescriptor.open(place, .readOnly, options: [.noFollow, .nonBlocking, .closeOnExec])
        return try file.closeAfter {
            var status = stat()
            guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
            guard status.st_mode & S_IFMT == S_IFREG else { throw Errno.invalidArgument }
            guard status.st_size <= limit else { throw Errno.fileTooLarge }
            return try AtomicFile.read(FilePath("/proc/self/fd/\(file.rawValue)"), limit: limit)
        }
    }

    /// The place on this machine of `path` in `root`, with every link followed. The last part may be missing.
    package static func resolve(_ path: FilePath, in root: FilePath) throws -> FilePath {
        var rest = Array(path.components.reversed())
        var done: [FilePath.Component] = []
        var links = 0
        while let next = rest.popLast() {
            if next.kind == .currentDirectory { continue }
            if next.kind == .parentDirectory {
                _ = done.popLast()
                continue
            }
            let place = root.appending(done + [next])
            guard let target = try link(at: place) else {
                done.append(next)
                continue
            }
            links += 1
            guard links <= linkLimit else { throw Errno.tooManySymbolicLinkLevels }
            if target.isAbsolute { done = [] }
            rest += target.components.reversed()
        }
        return root.appending(done)
    }

    /// Where the link at `path` points, nil when it is no link or not there.
    private static func link(at path: FilePath) throws -> FilePath? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(path.string, &buffer, buffer.count - 1)
        if count >= 0 {
            return FilePath(String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        guard errno == EINVAL || errno == ENOENT else { throw Errno(rawValue: errno) }
        return nil
    }
}
