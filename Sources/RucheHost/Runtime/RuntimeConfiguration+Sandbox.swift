import FoundationEssentials
import RucheCore
package import SystemPackage

extension RuntimeConfiguration {
    /// Processes and threads of a container whose spec sets no limit: enough for work, too few for a fork bomb.
    package static let defaultProcesses = 8192

    package static let searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    private static let cpuPeriod: UInt64 = 100_000
    /// The least quota the kernel takes (1 ms).
    private static let leastQuota: Int64 = 1000

    /// The container `id` of `spec`, in the control group `group`.
    ///
    /// Throws `invalid_input` for what no container can be given: no program, a relative path, a zero byte,
    /// a limit that is not positive.
    package init(_ spec: SandboxSpec, group: ControlGroup) throws {
        try spec.validate()
        ociVersion = "1.0.2"
        root = Root(path: spec.root.string, readonly: spec.readOnlyRoot)
        hostname = spec.hostname
        process = Self.process(spec)
        mounts = Self.systemMounts(spec) + Self.ownMounts(spec)
        linux = Linux(
            namespaces: Self.namespaces(spec), resources: Self.resources(spec.limits, group),
            cgroupsPath: group.name, seccomp: SeccompProfile(spec.privileges),
            maskedPaths: Self.maskedPaths, readonlyPaths: Self.readOnlyPaths)
        if spec.opensLowPorts, !spec.network { linux.sysctl = Self.lowPorts }
    }

    /// The kernel's setting with which a network namespace keeps no port for root.
    package static let lowPorts = ["net.ipv4.ip_unprivileged_port_start": "0"]

    /// Writes `config.json` into a bundle's folder, for root's eyes only: the environment may hold secrets.
    package func write(to bundle: FilePath) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = try encoder.encode(self)
        try AtomicFile.write(
            bytes, to: bundle.appending("config.json"), permissions: [.ownerReadWrite], durable: false)
    }

    private static func process(_ spec: SandboxSpec) -> Process {
        var environment = spec.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        if spec.environment["PATH"] == nil { environment.append(searchPath) }
        // Lowering is always allowed; raising would need a capability this process may not have.
        var limits = [ResourceLimit(type: "RLIMIT_CORE", soft: 0, hard: 0)]
        if let disk = spec.limits.disk {
            limits.append(ResourceLimit(type: "RLIMIT_FSIZE", soft: UInt64(disk.bytes), hard: UInt64(disk.bytes)))
        }
        return Process(
            terminal: spec.terminal,
            user: User(uid: spec.uid, gid: spec.gid, additionalGids: spec.additionalGroups, umask: 0o022),
            args: spec.arguments, env: environment, cwd: spec.workingDirectory,
            capabilities: Capabilities(capabilities(of: spec)), rlimits: limits,
            noNewPrivileges: true)
    }

    package static func capabilities(of spec: SandboxSpec) -> [String] {
        (spec.privileges == .build ? buildCapabilities : []) + spec.capabilities
    }

    private static func namespaces(_ spec: SandboxSpec) -> [Namespace] {
        (["mount", "pid", "ipc", "uts", "cgroup"] + (spec.network ? [] : ["network"])).map(Namespace.init(type:))
    }

    private static func resources(_ limits: ResourceLimits, _ group: ControlGroup) -> Resources {
        Resources(
            devices: [Device(allow: false, access: "rwm")],
            memory: limits.memory.map { Memory(limit: $0.bytes, swap: group.countsSwap ? $0.bytes : nil) },
            cpu: limits.cpus.map {
                Processor(quota: max(leastQuota, Int64($0 * Double(cpuPeriod))), period: cpuPeriod)
            },
            pids: Processes(limit: Int64(limits.processes ?? defaultProcesses)))
    }

    private static func systemMounts(_ spec: SandboxSpec) -> [Mount] {
        let closed = ["nosuid", "noexec", "nodev"]
        return [
            Mount(destination: "/proc", type: "proc", source: "proc", options: closed),
            Mount(
                destination: "/dev", type: "tmpfs", source: "tmpfs",
                options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            Mount(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            Mount(
                destination: "/dev/shm", type: "tmpfs", source: "shm",
                options: closed + ["mode=1777", "size=65536k"]),
            Mount(destination: "/sys", type: "sysfs", source: "sysfs", options: closed + ["ro"]),
            // Runtimes such as Java's size themselves by the limits they read here.
            Mount(
                destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: closed + ["relatime", "ro"]),
        ]
    }

    private static func ownMounts(_ spec: SandboxSpec) -> [Mount] {
        let temporaries = spec.temporaries.sorted { $0.key < $1.key }.map { path, size in
            Mount(
                destination: path, type: "tmpfs", source: "tmpfs",
                options: ["nosuid", "nodev", "mode=1777", "size=\(size.bytes)"])
        }
        // Parents first, so that a mount below another one is not hidden by it.
        let binds = spec.mounts.sorted { $0.destination < $1.destination }.map { mount in
            Mount(
                destination: mount.destination, type: "bind", source: mount.source.string,
                options: ["rbind", "rprivate", "nosuid", "nodev", mount.readOnly ? "ro" : "rw"])
        }
        return temporaries + binds
    }

    /// What Docker grants by default: enough for package managers.
    /// What package managers need.
    package static let buildCapabilities = [
        "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD",
        "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID",
        "CAP_SYS_CHROOT",
    ]

    private static let maskedPaths = [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap",
        "/sys/firmware",
    ]

    private static let readOnlyPaths = [
        "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    ]
}
