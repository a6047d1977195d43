import RucheCore

/// What is left in a machine's file system that no image should have, or that does not fit where it is to run.
struct GuestLeftovers {
    /// The system's root.
    let root: GuestFileSystem
    let target: MachineTarget
    /// Whether it is one of Vagrant's boxes, which have an account and a key that everybody knows.
    let isBox: Bool

    private static let textLimit = 1 << 20

    /// Everything found, each with its path in the machine.
    var problems: [Problem] {
        identity + accounts + homes.flatMap { secrets(in: $0) } + systemSecrets + caches + network + provisioning
    }

    private func found(_ path: String, _ message: String, _ allowed: String) -> Problem {
        Problem(path: path, message: message, allowed: allowed)
    }

    private func text(_ path: String) -> String? {
        root.read(path, limit: Self.textLimit).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    private func isThere(_ path: String) -> Bool { root.read(path, limit: 1, onlyHead: true) != nil }

    private var homes: [String] { ["/root"] + root.names(in: "/home").prefix(200).map { "/home/\($0)" } }

    // MARK: Who it is

    private var identity: [Problem] {
        var result: [Problem] = []
        for path in ["/etc/machine-id", "/var/lib/dbus/machine-id"] {
            let id = (text(path) ?? "").filter { !$0.isWhitespace }
            // systemd's word for a machine that has not been started yet.
            guard !id.isEmpty, id != "uninitialized" else { continue }
            // The second is mostly a link to the first.
            if result.contains(where: { $0.found == "\"\(id.prefix(40))\"" }) { continue }
            var problem = found(
                path, "names a machine: all that are started from it would be taken for one", "an empty file")
            problem.found = "\"\(id.prefix(40))\""
            result.append(problem)
        }
        for name in root.names(in: "/etc/ssh") where name.hasPrefix("ssh_host_") && name.hasSuffix("_key") {
            result.append(
                found(
                    "/etc/ssh/\(name)", "is a host key: all machines would have the same",
                    "no host key: each makes its own"))
        }
        return result
    }

    // MARK: Who may log in

    private var accounts: [Problem] {
        (text("/etc/shadow") ?? "").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count > 1, !(isBox && fields[0] == "vagrant") else { return nil }
            let account = "/etc/shadow"
            if fields[1].isEmpty {
                return found(
                    account, "lets \"\(fields[0].prefix(32))\" in without a password", "a locked password: * or !")
            }
            // crypt(5): methods begin with "$"; the oldest has thirteen letters.
            let isOld = fields[1].wholeMatch(of: /[A-Za-z0-9.\/]{13}/) != nil
            guard fields[1].hasPrefix("$") || isOld else { return nil }
            return found(
                account, "has a password of \"\(fields[0].prefix(32))\", which all who have the image can try to guess",
                "a locked password: * or !")
        }
    }

    private func secrets(in home: String) -> [Problem] {
        var result: [Problem] = []
        for name in root.names(in: "\(home)/.ssh").prefix(200) where !name.hasSuffix(".pub") {
            let path = "\(home)/.ssh/\(name)"
            guard let head = root.read(path, limit: 4096, onlyHead: true)?.bytes else { continue }
            if Self.isPrivateKey(head) { result.append(found(path, "is a private key", "no key but public ones")) }
        }
        let keys = text("\(home)/.ssh/authorized_keys") ?? ""
        if !isBox, keys.contains(Self.vagrantKey) {
            result.append(
                found("\(home)/.ssh/authorized_keys", "lets in everybody who has Vagrant", "keys of people alone"))
        }
        for (name, what) in Self.files where isThere("\(home)/\(name)") {
            result.append(found("\(home)/\(name)", what, "no such file"))
        }
        for folder in [".cache/pip"] where !root.names(in: "\(home)/\(folder)").isEmpty {
            result.append(found("\(home)/\(folder)", "is a cache of pip", "an empty folder"))
        }
        return result
    }

    /// What begins every such key; from the middle of Vagrant's, which is known to everybody.
    private static let vagrantKey =
        "AAAAB3NzaC1yc2EAAAABIwAAAQEA6NF8iallvQVp22WDkTkyrtvp9eWW6A8YVr+kz4TjGYe7gHzIw+niNltGEFHzD8"

    private static let files = [
        (".bash_history", "is a history of commands, with what was typed in them"),
        (".zsh_history", "is a history of commands, with what was typed in them"),
        (".python_history", "is a history of commands, with what was typed in them"),
        (".mysql_history", "is a history of commands, with what was typed in them"),
        (".psql_history", "is a history of commands, with what was typed in them"),
        (".aws/credentials", "has credentials of a cloud"), (".azure/accessTokens.json", "has credentials of a cloud"),
        (".config/gcloud/credentials.db", "has credentials of a cloud"),
        (".config/openstack/clouds.yaml", "has credentials of a cloud"),
        (".config/openstack/secure.yaml", "has credentials of a cloud"),
        (".kube/config", "has credentials of a cluster"), (".docker/config.json", "may have credentials of a registry"),
        (".netrc", "has passwords of servers"), (".git-credentials", "has passwords of servers"),
        (".pypirc", "has passwords of servers"), (".pgpass", "has passwords of databases"),
        (".my.cnf", "may have passwords of databases"),
    ]

    private static func isPrivateKey(_ head: [UInt8]) -> Bool {
        String(decoding: head, as: UTF8.self).contains(/-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----/)
    }

    private var systemSecrets: [Problem] {
        let keys = root.names(in: "/etc/ssl/private").prefix(200).map { "/etc/ssl/private/\($0)" }
        let private_ = keys.filter {
            root.read($0, limit: 4096, onlyHead: true).map { Self.isPrivateKey($0.bytes) } ?? false
        }
        let clouds = ["/etc/openstack/clouds.yaml", "/etc/openstack/secure.yaml"].filter(isThere)
        return private_.map { found($0, "is a private key", "a key that each machine makes") }
            + clouds.map { found($0, "has credentials of a cloud", "no such file") }
    }

    // MARK: What takes room, and what is set

    private var caches: [Problem] {
        var result: [Problem] = []
        let lists = root.names(in: "/var/lib/apt/lists").filter { !["lock", "partial", "auxfiles"].contains($0) }
        if !lists.isEmpty {
            result.append(
                found("/var/lib/apt/lists", "has \(lists.count) lists of packages, which grow old", "an empty folder"))
        }
        let archives = root.names(in: "/var/cache/apt/archives").filter { $0.hasSuffix(".deb") }
        if !archives.isEmpty {
            result.append(
                found("/var/cache/apt/archives", "has \(archives.count) downloaded packages", "apt-get clean"))
        }
        return result
    }

    private var network: [Problem] {
        guard target.givesAddresses else { return [] }
        let places: [(folder: String, ending: String, pattern: Regex<Substring>)] = [
            ("/etc/network/interfaces.d", "", /(?m)^\s*iface\s+\S+\s+inet6?\s+static/),
            ("/etc/systemd/network", ".network", /(?m)^\s*Address\s*=/),
            ("/etc/netplan", ".yaml", /(?m)^\s*addresses\s*:/),
            ("/etc/NetworkManager/system-connections", "", /(?m)^\s*method\s*=\s*manual/),
        ]
        var files = [("/etc/network/interfaces", places[0].pattern)]
        for place in places {
            let names = root.names(in: place.folder).prefix(200).filter { $0.hasSuffix(place.ending) }
            files += names.map { ("\(place.folder)/\($0)", place.pattern) }
        }
        return files.filter { text($0.0)?.contains($0.1) ?? false }.map {
            found($0.0, "sets an address, which \(target.rawValue) gives to its machines itself", "DHCP")
        }
    }

    private var provisioning: [Problem] {
        var result: [Problem] = []
        if target.needsCloudInit, !isThere("/usr/bin/cloud-init"), !isThere("/usr/local/bin/cloud-init") {
            result.append(
                found(
                    "/usr/bin/cloud-init",
                    "is not there: a machine on \(target.rawValue) would get no keys and no network",
                    "cloud-init"))
        }
        if target == .lxd,
            !["/etc", "/usr/lib", "/lib"].contains(where: { isThere("\($0)/systemd/system/lxd-agent.service") })
        {
            result.append(
                found(
                    "/etc/systemd/system/lxd-agent.service",
                    "is not there: \"lxc exec\" and \"lxc file\" would not work",
                    "the unit and udev rule that LXD documents for images with its agent"))
        }
        let kernels = root.names(in: "/boot").filter { $0.hasPrefix("vmlinuz-") }
        if target.hasRealDevices, !kernels.isEmpty, kernels.allSatisfy({ $0.contains("-cloud-") }) {
            result.append(
                found(
                    "/boot/\(kernels[0])", "has no drivers for the disks and network cards of \(target.rawValue)",
                    "a kernel for any machine, such as linux-image-amd64"))
        }
        return result
    }
}
