package import RucheCore
import RucheStore

/// An instance, as it is kept.
package struct InstanceRecord: Hashable, Sendable, Codable {
    /// What it is made of.
    package enum Image: Hashable, Sendable, Codable {
        case disk(Digest, DiskFormat)
        case container(InstanceContainer)
    }

    package var id: Identifier
    package var name: String
    package var owner: OwnerName
    package var createdBy: String?
    package var release: String
    package var releaseDigest: Digest
    package var engine: String
    package var image: Image
    /// The Vagrant box that its disk was taken out of.
    package var box: Digest?
    package var state = InstanceState.preparing
    package var reason: String?
    package var cpus: Int
    package var memory: ByteCount
    package var disk: ByteCount?
    /// What starts it; nil of a container, and of a machine from before one could choose, which is BIOS.
    package var firmware: MachineFirmware?
    package var ports: [PortPublication] = []
    /// Ports of the loopback interface that only this program uses: for logging in, and for the check of its health.
    package var privatePorts: [PortPublication] = []
    package var shares: [InstanceShare] = []
    package var network: MachineContract.FixedNetwork?
    /// What its image has, as far as anybody said; nil is unknown.
    package var cloudInit: Bool?
    package var ssh = false
    /// The account one logs in to.
    package var user: String?
    package var health: ServiceContract.Health?
    /// Seconds.
    package var lease: Int?
    package var timeout: Int
    /// Milliseconds since 1970, as every time here.
    package var leaseEnd: Int64?
    package var createdAt: Int64
    package var startedAt: Int64?
    package var readyAt: Int64?
    package var stoppedAt: Int64?
    /// Times it was started.
    package var starts = 0
    package var stages: [InstanceStage] = []
    /// Bytes that a machine's console had when it was started last.
    var consoleStart: Int64?
    /// Why its processors are emulated; nil when they are not.
    package var emulation: String?
    package var snapshots: [InstanceSnapshot] = []
    /// The last lines of the console of a start that failed.
    package var consoleTail: [String]?

    package init(
        id: Identifier, name: String, owner: OwnerName, release: String, releaseDigest: Digest, engine: String,
        image: Image, cpus: Int, memory: ByteCount, timeout: Int, createdAt: Int64
    ) {
        self.id = id
        self.name = name
        self.owner = owner
        self.release = release
        self.releaseDigest = releaseDigest
        self.engine = engine
        self.image = image
        self.cpus = cpus
        self.memory = memory
        self.timeout = timeout
        self.createdAt = createdAt
    }

    package static let sshPort = 22

    var isContainer: Bool { if case .container = image { true } else { false } }

    package var subject: String { "instance:\(id)" }
    package var allPorts: [PortPublication] { ports + privatePorts }

    /// The port of the loopback interface behind which one of its own is.
    package func localPort(of guest: Int) -> Int? {
        let reachable = allPorts.filter {
            $0.guest == guest && [PortPublication.loopback, "0.0.0.0"].contains($0.address)
        }
        return reachable.first?.host
    }

    var machine: InstanceStateMachine {
        get { InstanceStateMachine(state: state, reason: reason) }
        set {
            state = newValue.state
            reason = newValue.reason
        }
    }

    /// What has to be seen before it is ready, in order.
    var expectedStages: [InstanceStage.Kind] {
        var kinds: [InstanceStage.Kind] = [.console]
        if case .disk = image, cloudInit != false { kinds.append(.cloudInit) }
        if ssh { kinds.append(.ssh) }
        if health != nil { kinds.append(.health) }
        return kinds
    }

    /// Lets the lease, where there is one, begin at a time in milliseconds since 1970.
    mutating func startLease(at now: Int64) { leaseEnd = lease.map { now + Int64($0) * 1000 } }
}

extension InstanceRecord {
    func row() throws -> InstanceRow {
        var row = InstanceRow(
            id: id.description, owner: owner.description, name: name, state: state.rawValue,
            releaseDigest: releaseDigest.description, engine: engine, createdAt: createdAt,
            document: try JSONText.encode(self))
        switch image {
        case .disk(let blob, _): row.blob = blob.description
        case .container(let container): row.blob = container.image.description
        }
        row.leaseEnd = leaseEnd
        return row
    }

    init(row: InstanceRow) throws {
        do {
            self = try JSONText.decode(InstanceRecord.self, row.document)
        } catch {
            throw RucheError(.corruptContent, "the record of instance \(row.id) can't be read", cause: error)
        }
    }

    func event(_ kind: String, _ data: [String: JSONValue] = [:]) -> EventDraft {
        var data = data
        data["state"] = .string(state.rawValue)
        data["name"] = .string(name)
        data["release"] = .string(release)
        data["start"] = .integer(Int64(starts))
        return EventDraft(subject: subject, kind: kind, data: .object(data), owner: owner)
    }
}
