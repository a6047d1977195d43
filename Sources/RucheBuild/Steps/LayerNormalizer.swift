import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Takes out of a step's layer what only the build knows: caches, logs, machine identity. (Times
/// and order are the archiver's.)
///
/// Works on an overlay's upper folder (or on a whole base), so a path below is what the step changed.
struct LayerNormalizer {
    /// The layer's folder.
    let layer: FilePath
    /// Layers below, lowest first; empty for a base.
    let lower: [FilePath]
    /// Absolute paths where something was mounted while the step ran.
    var mountPoints: [String] = []

    /// Folders whose content never belongs in an image.
    static let emptied = [
        "tmp", "run", "var/tmp", "var/log", "var/lib/apt/lists", "var/cache/apt", "var/cache/man",
        "var/cache/fontconfig", "var/cache/ldconfig", "root/.cache", "root/.ansible",
    ]
    /// Files that hold identity, backups or state of the build. The `*` stands for any characters.
    static let dropped = [
        ("etc", "passwd-"), ("etc", "group-"), ("etc", "shadow-"), ("etc", "gshadow-"), ("etc", "subuid-"),
        ("etc", "subgid-"), ("etc", ".pwd.lock"), ("etc/ssh", "ssh_host_*"),
        ("etc/ssl/private", "ssl-cert-snakeoil.key"), ("etc/ssl/certs", "ssl-cert-snakeoil.pem"),
        ("etc/dpkg/dpkg.cfg.d", "99mmdebstrap"), ("etc/apt/apt.conf.d", "00mmdebstrap"),
        ("etc/apt/apt.conf.d", "99mmdebstrap"),
        ("var/cache/debconf", "*-old"), ("var/lib/dpkg", "*-old"), ("var/lib/dbus", "machine-id"),
        ("var/lib/systemd", "random-seed"), ("var/lib/dpkg", "lock*"), ("var/lib/dpkg/triggers", "Lock"),
        ("root", ".bash_history"), ("root", ".python_history"), ("root", ".wget-hsts"),
    ]
    /// Files that are bound from outside while steps run.
    static let bound = ["etc/resolv.conf", "etc/hostname", "etc/hosts", "etc/mtab"]

    func normalize() throws {
        for path in Self.emptied { try empty(path) }
        for (folder, pattern) in Self.dropped { try drop(folder, pattern) }
        try emptyMachineIdentity()
        if lower.isEmpty {
            try prepareBase()
        } else {
            for path in Self.bound { try dropIfStub(path, always: true) }
            for path in mountPoints { try dropIfStub(String(path.drop { $0 == "/" }), always: false) }
        }
    }

    private func empty(_ path: String) throws {
        let folder = layer.appending(path)
        guard isRealFolder(folder) else { return }
        for name in try FileTree.names(in: folder) { try FileTree.remove(folder.appending(name)) }
        // Nothing is left to say about a folder that a lower layer has.
        let isBelow = lower.contains { isRealFolder($0.appending(path)) }
        if isBelow || path.hasPrefix("root/") { rmdir(folder.string) }
    }

    private func drop(_ folder: String, _ pattern: String) throws {
        let place = layer.appending(folder)
        guard isRealFolder(place) else { return }
        for name in try FileTree.names(in: place) where Self.matches(name, pattern) {
            try FileTree.remove(place.appending(name))
        }
    }

    static func matches(_ name: String, _ pattern: String) -> Bool {
        guard let star = pattern.firstIndex(of: "*") else { return name == pattern }
        return name.hasPrefix(pattern[..<star]) && name.hasSuffix(pattern[pattern.index(after: star)...])
            && name.count >= pattern.count - 1
    }

    private func emptyMachineIdentity() throws {
        let file = layer.appending("etc/machine-id")
        var status = stat()
        guard lstat(file.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return }
        guard truncate(file.string, 0) == 0 else { throw Errno(rawValue: errno) }
    }

    /// A base has the files that every step binds over, so that no step's layer needs to make them.
    private func prepareBase() throws {
        for name in ["dev", "proc", "sys"] where isRealFolder(layer.appending(name)) {
            let folder = layer.appending(name)
            for child in try FileTree.names(in: folder) { try FileTree.remove(folder.appending(child)) }
        }
        let contents = [
            ("resolv.conf", ""), ("hostname", "localhost\n"),
            ("hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"),
        ]
        for (name, text) in contents {
            let file = layer.appending("etc").appending(name)
            try FileTree.remove(file)
            try AtomicFile.write(Array(text.utf8), to: file)
        }
    }

    /// Removes what a mount left: an empty file or folder that no lower layer has, and its empty parents.
    private func dropIfStub(_ path: String, always: Bool) throws {
        let place = layer.appending(path)
        var status = stat()
        guard lstat(place.string, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR {
            guard rmdir(place.string) == 0 else { return }
        } else {
            guard always || status.st_size == 0 else { return }
            try FileTree.remove(place)
        }
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        if !parent.isEmpty, !lower.contains(where: { FileTree.exists($0.appending(parent)) }) {
            rmdir(layer.appending(parent).string)
        }
    }

    private func isRealFolder(_ path: FilePath) -> Bool {
        var status = stat()
        return lstat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
