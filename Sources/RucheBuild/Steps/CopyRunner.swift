import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// `copy:` — puts files beside the recipe into the image, without a container.
struct CopyRunner {
    let step: CopyStep
    let running: RunningStep

    func run() throws {
        let source = try running.source.locate(step.from)
        let owner = try ImageAccount.resolve(step.owner, in: running.root)
        // What leads out of the image's root is resolved inside it.
        if FileTree.isFolder(source) {
            let target = try makeFolder(step.to, owner: .root)
            try copyContents(of: source, to: target, owner)
            return
        }
        let target = step.to.hasSuffix("/") ? step.to + (FilePath(step.from).lastComponent?.string ?? "") : step.to
        let place = try RootPath.resolve(target, in: running.root)
        guard !FileTree.isFolder(place) else {
            throw RucheError(
                .buildFailed, "\"\(step.to)\" is a folder in the image: write \"\(step.to)/\" to copy a file into it")
        }
        let parent = "/" + target.split(separator: "/").dropLast().joined(separator: "/")
        _ = try makeFolder(parent, owner: .root)
        try copyFile(source, to: try RootPath.resolve(target, in: running.root), owner)
    }

    /// Makes a folder of the image with its parents, links in it followed inside the image.
    private func makeFolder(_ path: String, owner: ImageAccount) throws -> FilePath {
        var place = running.root
        var walked = ""
        for name in path.split(separator: "/") {
            walked += "/" + name
            place = try RootPath.resolve(walked, in: running.root)
            if FileTree.isFolder(place) { continue }
            guard !FileTree.exists(place) else {
                throw RucheError(
                    .buildFailed, "\"\(walked)\" is not a folder in the image: \"\(step.to)\" can't be made")
            }
            try check(mkdir(place.string, 0o755))
            try finish(place, mode: 0o755, owner)
        }
        return place
    }

    private func copyContents(of source: FilePath, to target: FilePath, _ owner: ImageAccount) throws {
        for name in try FileTree.names(in: source) {
            let from = source.appending(name)
            let to = target.appending(name)
            var status = stat()
            try check(lstat(from.string, &status))
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                try replace(to, unlessFolder: true)
                if !FileTree.exists(to) { try check(mkdir(to.string, 0o755)) }
                try copyContents(of: from, to: to, owner)
                try finish(to, mode: step.mode.map(folderMode) ?? UInt16(status.st_mode & 0o7777), owner)
            case S_IFLNK:
                try replace(to, unlessFolder: false)
                try check(symlink(try FileTree.linkTarget(from) ?? "", to.string))
                try check(lchown(to.string, owner.uid, owner.gid))
            default:
                try copyFile(from, to: to, owner)
            }
        }
    }

    private func copyFile(_ source: FilePath, to target: FilePath, _ owner: ImageAccount) throws {
        try replace(target, unlessFolder: false)
        let input = try FileDescriptor.open(source, .readOnly, options: [.noFollow, .closeOnExec])
        try input.closeAfter {
            var status = stat()
            try check(fstat(input.rawValue, &status))
            let output = try FileDescriptor.open(
                target, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite])
            try output.closeAfter {
                var buffer = [UInt8](repeating: 0, count: 1 << 18)
                while true {
                    let count = try buffer.withUnsafeMutableBytes { try input.read(into: $0) }
                    if count == 0 { break }
                    try output.writeAll(buffer[..<count])
                }
            }
            try finish(target, mode: step.mode ?? UInt16(status.st_mode & 0o7777), owner)
        }
    }

    private func replace(_ target: FilePath, unlessFolder: Bool) throws {
        var status = stat()
        guard lstat(target.string, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR, unlessFolder { return }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw RucheError(
                .buildFailed, "a file of \"\(step.from)\" would replace a folder of the image under \"\(step.to)\"")
        }
        try FileTree.remove(target)
    }

    /// Readable means searchable for a folder.
    private func folderMode(_ mode: UInt16) -> UInt16 { mode | (mode & 0o444) >> 2 }

    /// Sets owner, then mode, since chown clears special bits. Times are the same in every build.
    private func finish(_ path: FilePath, mode: UInt16, _ owner: ImageAccount) throws {
        try check(lchown(path.string, owner.uid, owner.gid))
        try check(chmod(path.string, mode_t(mode)))
        let time = timespec(tv_sec: Int(running.setting.clampTime), tv_nsec: 0)
        try check(utimensat(AT_FDCWD, path.string, [time, time], AT_SYMLINK_NOFOLLOW))
    }

    private func check(_ result: Int32) throws { if result != 0 { throw Errno(rawValue: errno) } }
}
