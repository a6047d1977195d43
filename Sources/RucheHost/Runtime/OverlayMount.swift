import Glibc
import RucheCore
package import SystemPackage

/// Mounts of overlayfs: stacked layers as one tree (Documentation/filesystems/overlayfs.rst).
///
/// Folders must exist. Needs root.
package enum OverlayMount {
    /// mount(2) takes one page of options, its closing zero included.
    private static let optionLimit = 4095

    /// Mounts `lower` (lowest first) under the writable `upper`. `work` is an empty folder on the file system
    /// of `upper`. Without layers the mount is `upper` itself. Of equal layers only the topmost counts: it hides
    /// all of the others, and the kernel refuses one folder twice.
    ///
    /// What `upper` holds afterwards is self-contained: no redirects and no metadata-only copies.
    ///
    /// Where it is `durable`, an unmount writes all of the file system of `upper` to the disk, whoever it is of. Where
    /// it is not, that and every sync(2) within are left out, and `work` can't be mounted again.
    package static func mount(
        lower: [FilePath], upper: FilePath, work: FilePath, at target: FilePath, durable: Bool
    ) throws {
        guard !lower.isEmpty else { return try bind(upper, at: target, readOnly: false) }
        try mount(at: target, paths: topmostFirst(lower) + [upper, work]) { names in
            "lowerdir=\(names.dropLast(2).joined(separator: ":"))"
                + ",upperdir=\(names[names.count - 2]),workdir=\(names[names.count - 1])"
                + ",redirect_dir=off,metacopy=off,index=off" + (durable ? "" : ",volatile")
        }
    }

    /// Mounts `lower` (lowest first) read-only; of equal layers only the topmost counts.
    package static func mountReadOnly(lower: [FilePath], at target: FilePath) throws {
        let layers = topmostFirst(lower)
        guard let only = layers.first else {
            throw RucheError(.invalidInput, "there is no layer to mount at \"\(target)\"")
        }
        // The kernel wants two layers when there is no upper one.
        guard layers.count > 1 else { return try bind(only, at: target, readOnly: true) }
        try mount(at: target, paths: layers, flags: UInt(MS_RDONLY)) { names in
            "lowerdir=\(names.joined(separator: ":"))"
        }
    }

    private static func topmostFirst(_ lower: [FilePath]) -> [FilePath] {
        var seen: Set<FilePath> = []
        return lower.reversed().filter { seen.insert($0).inserted }
    }

    /// Unmounts all that is mounted at `target`, lazily where it is busy. A path that is missing or no mount
    /// is no error.
    package static func unmount(_ target: FilePath) throws {
        while true {
            if umount2(target.string, Int32(UMOUNT_NOFOLLOW)) == 0 { continue }
            if errno == EBUSY, umount2(target.string, Int32(UMOUNT_NOFOLLOW | MNT_DETACH)) == 0 {
                continue
            }
            guard errno == EINVAL || errno == ENOENT else { throw failure("unmount", target, errno) }
            return
        }
    }

    /// Mount points at or below `folder`, the deepest and newest first: the order to unmount them in.
    package static func mounted(under folder: FilePath) throws -> [FilePath] {
        try MountTable.read().reversed().map(\.mountPoint).filter { $0.starts(with: folder) }
    }

    private static func mount(
        at target: FilePath, paths: [FilePath], flags: UInt = 0, options: ([String]) -> String
    ) throws {
        let plain = options(paths.map(\.string))
        let special = paths.contains { $0.string.contains { ":,\\\"".contains($0) } }
        if !special, plain.utf8.count <= optionLimit { return try mount(at: target, plain, flags) }
        // Descriptors need no escapes and are short whatever the paths are.
        var descriptors: [FileDescriptor] = []
        defer { for descriptor in descriptors { try? descriptor.close() } }  // opened to be named only
        for path in paths {
            descriptors.append(try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec]))
        }
        let short = options(descriptors.map { "/proc/self/fd/\($0.rawValue)" })
        guard short.utf8.count <= optionLimit else {
            throw RucheError(
                .unsupported, "\(paths.count) layers are more than one mount can take: merge steps of the recipe")
        }
        try mount(at: target, short, flags)
    }

    private static func mount(at target: FilePath, _ options: String, _ flags: UInt) throws {
        guard Glibc.mount("overlay", target.string, "overlay", flags, options) == 0 else {
            throw failure("mount layers at", target, errno)
        }
    }

    private static func bind(_ source: FilePath, at target: FilePath, readOnly: Bool) throws {
        let flags = UInt(MS_BIND)
        guard Glibc.mount(source.string, target.string, nil, flags, nil) == 0 else {
            throw failure("mount \"\(source)\" at", target, errno)
        }
        guard readOnly else { return }
        guard Glibc.mount(nil, target.string, nil, flags | UInt(MS_REMOUNT) | UInt(MS_RDONLY), nil) == 0 else {
            let reason = errno
            umount2(target.string, Int32(UMOUNT_NOFOLLOW))
            throw failure("mount \"\(source)\" read-only at", target, reason)
        }
    }

    private static func failure(_ verb: String, _ target: FilePath, _ reason: Int32) -> RucheError {
        let remedy =
            switch reason {
            case EPERM, EACCES: ": run as root"
            case ENODEV: ": load the kernel's overlay module"
            case EINVAL: ": its file system may not carry overlayfs (use ext4 or xfs), or Linux is older than 5.10"
            case ENOSPC: ": too many mounts, or the disk is full"
            default: ""
            }
        let code: ErrorCode = reason == EPERM || reason == EACCES ? .notPermitted : .engineUnavailable
        return RucheError(code, "could not \(verb) \"\(target)\" (\(Errno(rawValue: reason)))\(remedy)")
    }
}
