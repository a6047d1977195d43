import RucheCore
import RucheHost
import SystemPackage

/// What LXD is told of one instance that is made from a disk.
///
/// LXD has no ports of this machine's loopback interface for its machines: its proxies of machines rewrite packets, for
/// addresses of network cards alone, and take no port from anybody else. So the network is QEMU's own, as with other
/// engines of machines, and so are the names, ports and addresses in it.
struct LXDMachine: Sendable {
    /// As LXD calls it. A container has everything of a machine but its processor and its firmware, where LXD has no
    /// QEMU.
    enum Kind: String, Sendable {
        case container
        case machine = "virtual-machine"

        /// What the form of an image's import calls the root.
        var part: String { self == .machine ? "rootfs.img" : "rootfs" }
    }

    let spec: InstanceSpec
    let kind: Kind
    let data: FilePath

    /// Of the bus on which LXD's own devices are behind ports in the first slots; without the program for starting from
    /// the network, which AppArmor may keep LXD's QEMU from reading.
    private static let card = ["addr=0x1e", "romfile="]
    /// LXD's name for the first serial port, of which it keeps nothing that was written.
    private static let console = "chardev.console"

    // MARK: Configuration

    /// Throws `unsupported` for a fixed address that can't be had here.
    func configuration() throws -> [String: String] {
        var result = [
            LXDKey.machine: data.string, "boot.autostart": "false", "security.devlxd": "false",
            "limits.cpu": String(spec.cpus), "limits.memory": String(spec.memory.bytes),
        ]
        guard kind == .machine else { return result }
        // The loader of our machines has no signature of Microsoft's, and that of others may have none.
        result["security.secureboot"] = "false"
        result["raw.qemu"] = try arguments().map(LXDScript.quoted).joined(separator: " ")
        result["raw.apparmor"] = rules.joined(separator: "\n")
        return result
    }

    /// What LXD's rules for its QEMU have not; everything else that it opens, LXD opens for it.
    private var rules: [String] {
        let console = "\"\(Self.literal(spec.console.string))\" rw,"
        return [console] + (spec.ports.contains { $0.host < 1024 } ? ["capability net_bind_service,"] : [])
    }

    /// Arguments of QEMU's behind LXD's own.
    func arguments() throws -> [String] {
        var arguments = try UserNetwork.arguments(spec, properties: Self.card)
        for credential in spec.credentials {
            arguments += ["-smbios", "type=11,value=\(QEMUArguments.escaped(credential))"]
        }
        return arguments + ["-set", "\(Self.console).logfile=\(spec.console)", "-set", "\(Self.console).logappend=on"]
    }

    /// A name in AppArmor's rules, none of whose characters stands for others.
    private static func literal(_ text: String) -> String { text.replacing(/["\\*?\[\]{}^@]/) { "\\\($0.output)" } }

    // MARK: Devices

    /// All but the root.
    func devices() -> [String: [String: String]] {
        var result: [String: [String: String]] = [:]
        let seed = spec.folder.appending(InstanceSpec.seedFile)
        if FileTree.exists(seed) {
            // cloud-init knows it by its label, as with other engines. What LXD would make of its own settings has another
            // identity, in older versions no network, and would keep the machine's key in LXD's database.
            result["ruche-seed"] = ["type": "disk", "source": seed.string, "readonly": "true"]
            if kind == .container { result["ruche-seed"]?["path"] = "/seed.iso" }
        }
        guard kind == .container else { return result }
        for (number, port) in spec.ports.enumerated() {
            result["ruche-port-\(number)"] = LXDInstance.proxy(port)
        }
        return result
    }

    /// The root: what the profiles give it, in another pool or with a size where there is one; with its name.
    static func root(
        of profiles: [LXDAPI.Configured], pool: String?, size: ByteCount?
    ) -> (name: String, device: [String: String]) {
        // Later profiles go before earlier ones.
        let given = profiles.reversed().lazy.compactMap { profile in
            profile.devices?.first { $0.value["type"] == "disk" && $0.value["path"] == "/" }
        }.first
        var device = given?.value ?? ["type": "disk", "path": "/"]
        if let pool { device["pool"] = pool }
        if let size { device["size"] = String(size.bytes) }
        return (given?.key ?? "root", device)
    }

    // MARK: What LXD says

    /// Why it could not be started, in few words: LXD gives the whole command line of QEMU as well.
    func failure(_ error: RucheError) -> RucheError {
        let text = error.message
        for port in spec.ports {
            let ofQEMU = text.contains("forwarding rule 'tcp:\(port.address):\(port.host)-")
            if ofQEMU || port.wasTaken(asLXDSays: text) { return port.taken() }
        }
        let words = text.matches(of: /qemu-system-[a-z0-9_]+: ([^\n]+)/).last.map { String($0.1) } ?? text
        return RucheError(
            error.code == .diskFull ? .diskFull : .engineUnavailable, "LXD can't start the machine: \(words)",
            cause: error)
    }
}
