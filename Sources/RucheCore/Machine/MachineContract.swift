/// `machine:` of a recipe: what its machine images and the machines started from them are.
package struct MachineContract: Hashable, Sendable, Codable {
    /// Size of the disk as the guest sees it; nil chooses one from what is in it.
    package var disk: ByteCount?
    /// Memory and processors that a machine has when it is started without other numbers.
    package var memory = ByteCount(1 << 30)
    package var cpus = 1
    /// Debian package of the kernel; nil means the one of the architecture.
    package var kernel: String?
    /// Whether cloud-init is in the images, so that a cloud or `ruche up` can set host name, users and network.
    package var cloudInit = true
    /// Whether an SSH server is in the images.
    package var ssh = true
    /// The account one logs in to; cloud-init gives it keys and sudo.
    package var user = "debian"
    /// Public keys that may log in, as lines of `authorized_keys`.
    package var keys: [String] = []
    /// An address that never changes; nil asks by DHCP.
    package var network: FixedNetwork?

    package init() {}

    /// Addresses of the first network card.
    package struct FixedNetwork: Hashable, Sendable, Codable {
        /// An IPv4 or IPv6 address with its prefix, such as `192.168.1.20/24`.
        package var address: String
        package var gateway: String?
        package var dns: [String] = []

        package init(address: String) { self.address = address }
    }
}
