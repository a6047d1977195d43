import Glibc
import RucheCore
import RucheHost
import SystemPackage

extension OCIRuntimeEngine {
    package func check() async -> [EngineFinding] {
        guard geteuid() == 0 else {
            return [
                EngineFinding(
                    message: "containers need root's rights, this process runs as user \(geteuid())",
                    remedy: "run the command with sudo, or use a server that root runs with --server")
            ]
        }
        var findings: [EngineFinding] = []
        for tool in [Tool.runc, .conmon] where Tool.find(tool.name) == nil {
            findings.append(
                EngineFinding(
                    message: "the program \"\(tool.name)\" is not on this machine",
                    remedy: "install it with \"apt install \(tool.package_)\""))
        }
        return findings + checkControlGroups() + checkOverlay()
    }

    private func checkControlGroups() -> [EngineFinding] {
        do {
            let missing = try ControlGroupTrees.detect().missingControllers()
            guard !missing.isEmpty else { return [] }
            return [
                EngineFinding(
                    message: "the kernel's control groups lack: \(missing.joined(separator: ", "))",
                    remedy: "mount them below /sys/fs/cgroup, or start the kernel with cgroup_enable=memory")
            ]
        } catch {
            return [EngineFinding(message: "control groups can't be read: \(error)", remedy: "mount /proc")]
        }
    }

    /// Only a mount tells whether the data directory's file system carries overlayfs.
    private func checkOverlay() -> [EngineFinding] {
        do {
            let folder = try TemporaryDirectory.make(in: paths.data.appending("run"), prefix: "check")
            let parts = ["lower", "upper", "work", "root"].map { folder.appending($0) }
            for part in parts { try FileTree.makeFolder(part) }
            let result = Result {
                try OverlayMount.mount(lower: [parts[0]], upper: parts[1], work: parts[2], at: parts[3], durable: false)
            }
            try OverlayMount.unmount(parts[3])
            try FileTree.remove(folder)
            try result.get()
            return []
        } catch let error as RucheError {
            return [EngineFinding(message: error.message)]
        } catch {
            return [EngineFinding(message: "the data directory \"\(paths.data)\" can't be used: \(error)")]
        }
    }
}
