import RucheCore
import RucheHost
import SystemPackage

/// What the finished root of a machine that is no Vagrant box must and must not have, looked at before disks are made.
struct MachineInspection {
    /// The mounted root.
    let root: FilePath
    let recipe: Recipe

    /// Throws `build_failed` with everything that is wrong.
    func check() throws {
        let findings = try findings()
        guard !findings.isEmpty else { return }
        throw RucheError(
            .buildFailed,
            "the machine is not fit to be started:\n" + findings.map { "  - \($0)" }.joined(separator: "\n"))
    }

    private func findings() throws -> [String] {
        var found: [String] = []
        func isThere(_ path: String) throws -> Bool { FileTree.exists(try RootPath.resolve(path, in: root)) }
        if try !["/vmlinuz", "/boot/vmlinuz"].contains(where: isThere) {
            found.append("no kernel: the package \(recipe.machine?.kernel ?? "of machine.kernel") installed none")
        }
        if try !isThere("/sbin/init") { found.append("no /sbin/init: nothing would be started") }
        if try isThere("/etc/machine-id"), try !(RootPath.read("/etc/machine-id", in: root) ?? []).isEmpty {
            found.append("/etc/machine-id is not empty: all machines would be taken for one")
        }
        let ssh = try RootPath.resolve("/etc/ssh", in: root)
        for name in FileTree.isFolder(ssh) ? try FileTree.names(in: ssh) : []
        where name.hasPrefix("ssh_host_") && name.contains("_key") {
            found.append("/etc/ssh/\(name) is in the image: all machines would have the same key")
        }
        return found + (try vagrantFindings())
    }

    /// Vagrant's key and password are known to everybody.
    private func vagrantFindings() throws -> [String] {
        let key = VagrantScript.insecureKey.split(separator: " ")[1]
        return try ["/root", "/home/vagrant", "/home/\(recipe.machine?.user ?? "debian")"].compactMap { home in
            let path = "\(home)/.ssh/authorized_keys"
            let keys = String(decoding: try RootPath.read(path, in: root) ?? [], as: UTF8.self)
            return keys.contains(key)
                ? "\(path) lets in everybody who has Vagrant: it is for Vagrant's boxes only" : nil
        }
    }
}
