package import RucheCore

/// `POST /api/v1/instances`.
package struct InstanceRequest: Codable, Hashable, Sendable {
    /// `owner/name[:version]` of a release with a disk or a container image.
    package var release: String
    /// Its host name; one made of the environment's by default.
    package var name: String?
    package var engine: String?
    /// Which of the service's commands a container runs; the only one by default.
    package var command: String?
    package var cpus: Int?
    package var memory: ByteCount?
    /// Size of its disk, at least that of the image.
    package var disk: ByteCount?
    /// What starts a machine; BIOS by default.
    package var firmware: MachineFirmware?
    package var publish: [PortPublication]?
    /// Folders of the server's machine; only over the private socket.
    package var shares: [InstanceShare]?
    /// What cloud-init is told besides, beginning with `#cloud-config` or `#!`.
    package var userData: String?
    /// Seconds after which it is stopped.
    package var lease: Int?
    /// Seconds that it may take to become ready.
    package var timeout: Int?
    /// Whose instance it becomes; the caller by default.
    package var owner: OwnerName?

    package init(release: String) { self.release = release }
}

/// `POST /api/v1/instances/{id}/start`.
package struct InstanceStartRequest: Codable, Hashable, Sendable {
    /// Seconds after which it is stopped; as before by default.
    package var lease: Int?

    package init(lease: Int? = nil) { self.lease = lease }
}

/// `POST /api/v1/instances/{id}/snapshot` and `…/restore`.
package struct InstanceSnapshotRequest: Codable, Hashable, Sendable {
    package var name: String

    package init(name: String) { self.name = name }
}

/// An instance as `GET /api/v1/instances/{id}` shows it. Times are milliseconds since 1970.
package struct InstanceDocument: Codable, Hashable, Sendable {
    package var id: Identifier
    package var name: String
    package var owner: OwnerName
    package var createdBy: String?
    package var release: String
    package var releaseDigest: Digest
    package var engine: String
    /// What its engine can do with it; nil from an older server, and for an engine that is not there any more.
    package var capabilities: [String]?
    package var state: InstanceState
    /// Why it failed or stopped, where nobody asked for it.
    package var reason: String?
    package var cpus: Int
    package var memory: ByteCount
    package var disk: ByteCount?
    /// What starts it, of a machine.
    package var firmware: MachineFirmware?
    package var ports: [PortPublication]
    /// Where its first published port is.
    package var url: String?
    package var shares: [InstanceShare]
    /// Why its processors are emulated, which is slow; nil when they are not.
    package var emulation: String?
    /// What has been seen of the newest start, in order.
    package var stages: [InstanceStage]
    package var snapshots: [InstanceSnapshot]
    /// Seconds, and when they are over.
    package var lease: Int?
    package var leaseEnd: Int64?
    package var createdAt: Int64
    package var startedAt: Int64?
    package var readyAt: Int64?
    package var stoppedAt: Int64?
    /// Times it was started: events tell of which one they are.
    package var starts: Int
    /// The last lines of the console of a start that failed.
    package var consoleTail: [String]?
    /// The account one logs in to, and the port for it on the server's machine.
    package var user: String?
    package var sshPort: Int?
    /// Whether its host key was known before it was started.
    package var isPinned: Bool?
    /// How one runs a command in a container on the server's machine; only over the private socket.
    package var entrance: InstanceEntrance?
    /// What joins a terminal and its console, where that is not the socket in its folder; only over the private socket.
    package var console: ConsoleProgram?
    /// Folder of the instance on the server's machine; only over the private socket.
    package var folder: String?

    package init(
        id: Identifier, name: String, owner: OwnerName, release: String, releaseDigest: Digest, engine: String,
        state: InstanceState, cpus: Int, memory: ByteCount, createdAt: Int64, starts: Int
    ) {
        self.id = id
        self.name = name
        self.owner = owner
        self.release = release
        self.releaseDigest = releaseDigest
        self.engine = engine
        self.state = state
        self.cpus = cpus
        self.memory = memory
        self.createdAt = createdAt
        self.starts = starts
        (ports, shares, stages, snapshots) = ([], [], [], [])
    }
}
