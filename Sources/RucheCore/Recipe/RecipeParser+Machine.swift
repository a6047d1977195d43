import Glibc

extension RecipeParser {
    /// `machine:`.
    mutating func machine(_ node: SourceNode) -> MachineContract? {
        guard let fields = source.fields(node, "machine", RecipeKeys.machine) else { return nil }
        var machine = MachineContract()
        machine.disk = size(fields["disk"], fields.path("disk"), least: 256 << 20, most: 64 << 40)
        machine.memory =
            size(fields["memory"], fields.path("memory"), least: 64 << 20, most: 64 << 40) ?? machine.memory
        machine.cpus = source.integer(fields["cpus"], fields.path("cpus"), in: 1...512) ?? machine.cpus
        machine.kernel = source.value(
            fields["kernel"], fields.path("kernel"), allowed: "a Debian package, such as linux-image-cloud-amd64"
        ) { PackageSyntax.isApt($0) ? $0 : nil }
        machine.cloudInit = source.boolean(fields["cloud_init"], fields.path("cloud_init")) ?? machine.cloudInit
        machine.ssh = source.boolean(fields["ssh"], fields.path("ssh")) ?? machine.ssh
        machine.user =
            source.value(fields["user"], fields.path("user"), allowed: "a user's name, such as debian") {
                $0.wholeMatch(of: /[a-z_][a-z0-9_-]{0,31}/) != nil && $0 != "root" ? $0 : nil
            } ?? machine.user
        machine.keys =
            source.list(fields["keys"], fields.path("keys"), of: "public keys") { source, node, path in
                source.value(node, path, allowed: "a public key as ssh-keygen writes it: ssh-ed25519 AAAA… comment") {
                    PublicKeySyntax.isPublicKey($0) ? $0 : nil
                }
            } ?? []
        if let node = fields["network"] { machine.network = network(node, fields.path("network")) }
        return machine
    }

    private mutating func network(_ node: SourceNode, _ path: String) -> MachineContract.FixedNetwork? {
        guard let fields = source.fields(node, path, RecipeKeys.network) else { return nil }
        let address = source.value(
            fields["address"], fields.path("address"), allowed: "an address with its prefix, such as 192.168.1.20/24",
            isTakenAsWritten: true
        ) { Self.isNetworkAddress($0) ? $0 : nil }
        var network = MachineContract.FixedNetwork(address: address ?? "")
        network.gateway = source.value(
            fields["gateway"], fields.path("gateway"), allowed: "an address, such as 192.168.1.1",
            isTakenAsWritten: true
        ) { Self.addressBits($0) != nil ? $0 : nil }
        network.dns =
            source.list(fields["dns"], fields.path("dns"), of: "addresses") { source, node, path in
                source.value(node, path, allowed: "an address, such as 192.168.1.1", isTakenAsWritten: true) {
                    Self.addressBits($0) != nil ? $0 : nil
                }
            } ?? []
        return address == nil ? nil : network
    }

    private static func isNetworkAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let bits = addressBits(String(parts[0])), let prefix = Int(parts[1]) else {
            return false
        }
        return (1...bits).contains(prefix) && String(prefix) == parts[1]
    }

    /// Bits of an address of the Internet Protocol: 32 or 128; nil for what is none.
    private static func addressBits(_ text: String) -> Int? {
        var bytes = in6_addr()
        if inet_pton(AF_INET, text, &bytes) == 1 { return 32 }
        return inet_pton(AF_INET6, text, &bytes) == 1 ? 128 : nil
    }
}
