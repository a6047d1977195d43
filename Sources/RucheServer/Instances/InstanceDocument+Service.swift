import RucheCore
import RucheService
import RucheWire

extension InstanceDocument {
    /// What the API shows of an instance. The folder, and how to log in, only to the machine's own user.
    init(_ record: InstanceRecord, hostName: String, capabilities: [String]?, folder: String?) {
        self.init(
            id: record.id, name: record.name, owner: record.owner, release: record.release,
            releaseDigest: record.releaseDigest, engine: record.engine, state: record.state, cpus: record.cpus,
            memory: record.memory, createdAt: record.createdAt, starts: record.starts)
        self.capabilities = capabilities
        (createdBy, reason, disk, firmware) = (record.createdBy, record.reason, record.disk, record.firmware)
        (ports, shares) = (record.ports, record.shares)
        url = record.ports.first?.url(hostName: hostName)
        (emulation, stages, snapshots) = (record.emulation, record.stages, record.snapshots)
        (lease, leaseEnd) = (record.lease, record.leaseEnd)
        (startedAt, readyAt, stoppedAt) = (record.startedAt, record.readyAt, record.stoppedAt)
        consoleTail = record.consoleTail
        guard let folder else { return }
        self.folder = folder
        user = record.user
        sshPort = record.ssh ? record.localPort(of: InstanceRecord.sshPort) : nil
        isPinned = record.cloudInit == true
    }
}

extension InstanceOrder {
    init(_ request: InstanceRequest, by caller: Caller) {
        self.init(release: request.release, owner: request.owner ?? caller.owner)
        (name, engine, cpus, memory, disk) = (
            request.name, request.engine, request.cpus, request.memory, request.disk
        )
        (publish, shares) = (request.publish ?? [], request.shares ?? [])
        (userData, lease, timeout) = (request.userData, request.lease, request.timeout)
        (command, firmware) = (request.command, request.firmware)
        createdBy = caller.actor
    }
}
