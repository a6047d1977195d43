import RucheCore

/// QEMU's user-mode network made so that a guest with a fixed address is at home in it.
struct UserNetwork: Hashable, Sendable {
    /// The guest's address.
    var guest: String
    /// Settings of `-netdev user`.
    var options: [String]

    /// Throws `unsupported` for an address that is no IPv4 address with a prefix of room for three more.
    init(fixed: MachineContract.FixedNetwork) throws {
        let parts = fixed.address.split(separator: "/")
        guard parts.count == 2, let address = Self.number(parts[0]), let prefix = UInt32(parts[1]),
            (8...28).contains(prefix)
        else {
            throw RucheError(
                .unsupported,
                "a machine with the fixed address \(fixed.address) can't be started here: "
                    + "use an IPv4 address with a prefix of 8 to 28, or DHCP")
        }
        let mask = UInt32.max << (32 - prefix)
        let base = address & mask
        // The router and the name server are two more machines for the guest, and their addresses must differ.
        let router = fixed.gateway.flatMap { Self.number($0) } ?? (base + 1 == address ? base + 2 : base + 1)
        let names = (1...4).map { base + $0 }.first { $0 != address && $0 != router } ?? base + 4
        guard router & mask == base, router != address else {
            throw RucheError(
                .unsupported, "the gateway \(fixed.gateway ?? "") is not in the network of \(fixed.address)")
        }
        guest = Self.text(address)
        options = [
            "net=\(Self.text(base))/\(prefix)", "host=\(Self.text(router))", "dns=\(Self.text(names))",
            "dhcpstart=\(guest)",
        ]
    }

    /// What QEMU is told of the network of an instance, and of the card in the guest, with more `properties` of the card,
    /// such as its place. Throws `unsupported` for a fixed address that can't be had here.
    static func arguments(_ spec: InstanceSpec, properties: [String] = []) throws -> [String] {
        let fixed = try spec.network.map { try UserNetwork(fixed: $0) }
        let forwards = spec.ports.map { port in
            "hostfwd=tcp:\(port.address):\(port.host)-\(fixed?.guest ?? ""):\(port.guest)"
        }
        let options = ["user", "id=net", "hostname=\(spec.name)"] + (fixed?.options ?? []) + forwards
        let card = ["virtio-net-pci", "netdev=net", "mac=\(MACAddress(spec.id))"] + properties
        return ["-netdev", options.joined(separator: ","), "-device", card.joined(separator: ",")]
    }

    private static func number(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4 else { return nil }
        return parts.reduce(UInt32?(0)) { result, part in
            guard let result, let part else { return nil }
            return result << 8 | UInt32(part)
        }
    }

    private static func text(_ number: UInt32) -> String {
        [24, 16, 8, 0].map { String(number >> $0 & 0xff) }.joined(separator: ".")
    }
}
