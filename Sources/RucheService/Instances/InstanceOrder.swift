package import RucheCore

/// What somebody wants to be started.
package struct InstanceOrder: Sendable {
    /// `owner/name[:version][@digest]`
    package var release: String
    package var name: String?
    package var engine: String?
    /// Which of the service's commands a container runs.
    package var command: String?
    package var cpus: Int?
    package var memory: ByteCount?
    package var disk: ByteCount?
    package var firmware: MachineFirmware?
    package var publish: [PortPublication] = []
    package var shares: [InstanceShare] = []
    package var userData: String?
    /// Seconds after which it is stopped.
    package var lease: Int?
    /// Seconds that it may take to become ready.
    package var timeout: Int?
    package var owner: OwnerName
    package var createdBy: String?

    /// Whether it asks for what only machines have.
    var isOfMachine: Bool { disk != nil || firmware != nil || userData != nil }

    package init(release: String, owner: OwnerName) {
        self.release = release
        self.owner = owner
    }
}
