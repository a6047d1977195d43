import CLibarchive
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
        try read(path, inLayers: [root], limit: limit)
    }

    /// The same in unpacked layers, lowest first, as overlayfs would show them.
    package static func read(_ path: FilePath, inLayers layers: [FilePath], limit: Int) throws -> [UInt8] {
        let stack = Array(layers.reversed())
        let relative = try resolve(path, stack)
        guard let place = self.place(relative, stack) else { throw Errno.noSuchFileOrDirectory }
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

    /// Whether something is at `path` in unpacked layers, lowest first. What can't be followed is not there.
    package static func exists(_ path: FilePath, inLayers layers: [FilePath]) -> Bool {
        let stack = Array(layers.reversed())
        return (try? resolve(path, stack)).flatMap { place($0, stack) } != nil
    }

    /// The place on this machine of `path` in `root`, with every link followed. The last part may be missing.
    package static func resolve(_ path: FilePath, in root: FilePath) throws -> FilePath {
        root.appending(try resolve(path, [root]))
    }

    /// `stack`: roots that lie over each other, topmost first.
    private static func resolve(_ path: FilePath, _ stack: [FilePath]) throws -> [FilePath.Component] {
        var rest = Array(path.components.reversed())
        var done: [FilePath.Component] = []
        var links = 0
        while let next = rest.popLast() {
            if next.kind == .currentDirectory { continue }
            if next.kind == .parentDirectory {
                _ = done.popLast()
                continue
            }
            guard let place = place(done + [next], stack), let target = try link(at: place) else {
                done.append(next)
                continue
            }
            links += 1
            guard links <= linkLimit else { throw Errno.tooManySymbolicLinkLevels }
            if target.isAbsolute { done = [] }
            rest += target.components.reversed()
        }
        return done
    }

    /// Where in the stack a path is that leads over no link; nil when it is not there.
    private static func place(_ path: [FilePath.Component], _ stack: [FilePath]) -> FilePath? {
        for root in stack {
            var place = root
            for (index, component) in path.enumerated() {
                place.append(component)
                var status = stat()
                guard lstat(place.string, &status) == 0 else { break }
                // A device numbered 0 stands for what was removed from the layers below.
                if status.st_mode & S_IFMT == S_IFCHR, status.st_rdev == 0 { return nil }
                if index == path.count - 1 { return place }
                // What is no folder, or an opaque one, hides what the layers below have at its place.
                guard status.st_mode & S_IFMT == S_IFDIR else { return nil }
                if isOpaque(place), !FileTree.exists(root.appending(path)) { return nil }
            }
        }
        return nil
    }

    private static func isOpaque(_ folder: FilePath) -> Bool {
        var value: UInt8 = 0
        return lgetxattr(folder.string, "trusted.overlay.opaque", &value, 1) == 1 && value == UInt8(ascii: "y")
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
