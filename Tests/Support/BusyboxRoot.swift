import Glibc
import RucheHost
package import SystemPackage

/// A root file system of one static program (Debian package `busybox-static`), made in milliseconds.
package enum BusyboxRoot {
    private static let program: FilePath = "/bin/busybox"
    private static let names = [
        "cat", "chmod", "dd", "echo", "env", "false", "head", "hostname", "id", "ip", "kill", "ls", "mkdir", "mount",
        "nslookup", "ping", "ps", "rm", "seq", "setsid", "sh", "sleep", "stat", "tail", "test", "touch", "true",
        "umount", "uname", "unshare", "wc", "wget", "yes",
    ]

    /// True when this machine can run containers in tests.
    package static var isUsable: Bool { getuid() == 0 && FileTree.exists(program) && Tool.find("runc") != nil }

    /// Makes the tree at `path`, with the users `root`, `pipeline` (1000:1000, also in the group `lab`, 2000).
    package static func make(at path: FilePath) throws {
        for folder in ["bin", "etc", "tmp", "proc", "sys", "dev", "root"] {
            try FileTree.makeFolder(path.appending(folder))
        }
        try AtomicFile.write(
            AtomicFile.read(program), to: path.appending("bin/busybox"),
            permissions: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
        for name in names where symlink("busybox", path.appending("bin/\(name)").string) != 0 {
            throw Errno(rawValue: errno)
        }
        try write(
            "root:x:0:0:root:/root:/bin/sh\npipeline:x:1000:1000::/tmp:/bin/sh\n", to: path.appending("etc/passwd"))
        try write("root:x:0:\npipeline:x:1000:\nlab:x:2000:other,pipeline\n", to: path.appending("etc/group"))
        guard chmod(path.appending("tmp").string, 0o1777) == 0 else { throw Errno(rawValue: errno) }
    }

    package static func write(_ text: String, to path: FilePath) throws {
        try AtomicFile.write(Array(text.utf8), to: path)
    }
}
