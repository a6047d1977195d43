import RucheCore
import RucheHost
import SystemPackage

/// A container's spec in LXD's words.
struct LXDInstance: Sendable {
    let spec: ContainerSpec
    /// The spec's sandbox with the user resolved.
    let sandbox: SandboxSpec
    let data: FilePath
    let tools: FilePath
    /// Whether LXD shall show the machine's users as the container's own, which needs its kernel's help. Otherwise
    /// files are given to those users of the machine that the container's are.
    let shifts: Bool

    private static let cpuPeriod = 100.0  // ms

    func configuration() -> [String: String] {
        let limits = sandbox.limits
        var result = [
            LXDKey.data: data.string, LXDKey.scratch: spec.scratch.string,
            LXDKey.user: "\(sandbox.uid):\(sandbox.gid)", "boot.autostart": "false", "security.devlxd": "false",
            "raw.lxc": lines().joined(separator: "\n"),
            "raw.seccomp": LXDSeccomp.text(SeccompProfile(sandbox.privileges)), "limits.kernel.core": "0",
            // The script that began it is one of them.
            "limits.processes": String((limits.processes ?? RuntimeConfiguration.defaultProcesses) + 1),
        ]
        for (name, value) in sandbox.environment where !LXDScript.isName(name) { result["environment.\(name)"] = value }
        if let time = limits.time { result[LXDKey.timeLimit] = String(time) }
        if let memory = limits.memory {
            result["limits.memory"] = String(memory.bytes)
            result["limits.memory.swap"] = "false"
        }
        if let cpus = limits.cpus {
            let quota = max(1, Int((cpus * Self.cpuPeriod).rounded()))
            result["limits.cpu.allowance"] = "\(quota)ms/\(Int(Self.cpuPeriod))ms"
        }
        if let disk = limits.disk { result["limits.kernel.fsize"] = String(disk.bytes) }
        if spec.serves {
            for (name, value) in RuntimeConfiguration.lowPorts { result["linux.sysctl.\(name)"] = value }
        }
        return result
    }

    /// `network` names the network devices of the profiles, which a container without network must not have.
    func devices(pool: String?, network: [String]) -> [String: [String: String]] {
        var result: [String: [String: String]] = [:]
        if let pool { result["root"] = ["type": "disk", "path": "/", "pool": pool] }
        if !sandbox.network { for name in network { result[name] = ["type": "none"] } }
        let own = [
            SandboxSpec.Mount(
                source: LXDFolder(scratch: spec.scratch).shared, destination: LXDTools.home, readOnly: false),
            SandboxSpec.Mount(source: tools, destination: LXDTools.home + "/tools", readOnly: true),
        ]
        for (number, mount) in (own + sandbox.mounts).enumerated() {
            var device = ["type": "disk", "source": mount.source.string, "path": mount.destination]
            if mount.readOnly { device["readonly"] = "true" }
            if shifts || isForeign(mount) { device["shift"] = "true" }
            result["ruche-\(number)"] = device
        }
        for (number, port) in spec.ports.enumerated() {
            result["ruche-port-\(number)"] = Self.proxy(port)
        }
        return result
    }

    /// From inside: it needs no network device.
    static func proxy(_ port: PortPublication) -> [String: String] {
        [
            "type": "proxy", "bind": "host", "listen": "tcp:\(port.address):\(port.host)",
            "connect": "tcp:\(PortPublication.loopback):\(port.guest)",
        ]
    }

    /// Whether it is a folder of somebody's, which stays theirs: LXD has to show it with the container's users.
    func isForeign(_ mount: SandboxSpec.Mount) -> Bool {
        spec.serves && !mount.readOnly && ![data, spec.scratch].contains { mount.source.starts(with: $0) }
    }

    /// Lines of LXC's own configuration.
    private func lines() -> [String] {
        let kept = Set(RuntimeConfiguration.capabilities(of: sandbox))
        let groups = sandbox.additionalGroups.map { String($0) }.joined(separator: ",")
        let bounding = kept.map { "+" + $0.dropFirst(4).lowercased() }.sorted()
        let change = [
            "--reuid=\(sandbox.uid)", "--regid=\(sandbox.gid)",
            groups.isEmpty ? "--clear-groups" : "--groups=\(groups)",
            "--no-new-privs", "--inh-caps=-all", "--bounding-set=" + (["-all"] + bounding).joined(separator: ","),
        ]
        let words =
            LXDTools.command("setpriv") + change + LXDTools.command("env") + ["--default-signal"]
            + LXDTools.command("sh") + [LXDTools.home + "/run"]
        // These three give up the others.
        let dropped = LXDSeccomp.capabilities.filter {
            !["setgid", "setpcap", "setuid"].contains($0) && !kept.contains("CAP_" + $0.uppercased())
        }
        var lines = [
            "lxc.init.cmd=" + words.joined(separator: " "), "lxc.cap.drop=" + dropped.joined(separator: " "),
            "lxc.uts.name=\(sandbox.hostname)", "lxc.mount.auto=cgroup:ro:force", "lxc.signal.halt=SIGKILL",
        ]
        // Nobody in the container may do it.
        if !sandbox.network || spec.serves { lines.append("lxc.hook.mount=ip link set lo up || :") }
        if sandbox.readOnlyRoot { lines.append("lxc.rootfs.options=ro") }
        for (path, size) in sandbox.temporaries.sorted(by: { $0.key < $1.key }) {
            let place = path.drop { $0 == "/" }.replacing(" ", with: "\\040")
            let options = "rw,nosuid,nodev,size=\(size.bytes),mode=1777,create=dir"
            lines.append("lxc.mount.entry=tmpfs \(place) tmpfs \(options) 0 0")
        }
        return lines
    }

    /// What must exist in a root that can't be written to, parents first; nil for what is within another mount.
    func places() -> [(path: String, isFolder: Bool)] {
        let mounts = sandbox.mounts.map { ($0.destination, FileTree.isFolder($0.source)) }
        let all = mounts + sandbox.temporaries.keys.map { ($0, true) } + [(LXDTools.home, true)]
        let outer = all.filter { place in
            !all.contains { $0.0 != place.0 && place.0.hasPrefix($0.0 + "/") }
        }
        var result: [(path: String, isFolder: Bool)] = []
        for (path, isFolder) in outer {
            var parent = ""
            for part in path.split(separator: "/").dropLast() {
                parent += "/\(part)"
                if !result.contains(where: { $0.path == parent }) { result.append((parent, true)) }
            }
            result.append((path, isFolder))
        }
        return result
    }
}
