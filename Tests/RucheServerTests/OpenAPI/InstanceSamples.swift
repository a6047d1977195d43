import RucheCore
import RucheWire

/// The documents of instances with every member set, by the name of the schema.
enum InstanceSamples {
    static func all(id: Identifier, digest: Digest) -> [(String, any Encodable)] {
        var request = InstanceRequest(release: "lab/x:1")
        (request.name, request.engine, request.command, request.cpus) = ("n", "qemu", "www", 1)
        (request.memory, request.disk, request.firmware) = (ByteCount(1), ByteCount(2), .uefi)
        request.publish = [PortPublication(host: 1, guest: 2)]
        request.shares = [InstanceShare(source: "/a", target: "/b")]
        (request.userData, request.lease, request.timeout, request.owner) = ("#!", 1, 2, .local)
        var instance = InstanceDocument(
            id: id, name: "n", owner: .local, release: "lab/x:1", releaseDigest: digest, engine: "qemu",
            state: .failed, cpus: 1, memory: ByteCount(1), createdAt: 1, starts: 2)
        (instance.createdBy, instance.reason, instance.disk, instance.url) = ("ada", "r", ByteCount(2), "http://x/")
        (instance.ports, instance.shares) = ([PortPublication(host: 1, guest: 2)], request.shares ?? [])
        (instance.emulation, instance.lease, instance.leaseEnd) = ("e", 1, 2)
        instance.stages = [InstanceStage(kind: .cloudInit, seconds: 0.5, note: "n")]
        instance.snapshots = [InstanceSnapshot(name: "s", createdAt: 1)]
        (instance.startedAt, instance.readyAt, instance.stoppedAt) = (1, 2, 3)
        (instance.consoleTail, instance.user, instance.sshPort) = (["l"], "debian", 2222)
        (instance.isPinned, instance.folder, instance.capabilities) = (true, "/d", ["machine"])
        instance.entrance = InstanceEntrance(program: ["lxc", "exec"], container: "c", separator: "--")
        instance.firmware = .uefi
        instance.console = ConsoleProgram(program: ["virsh", "console", "c"], leaveKeys: "Ctrl-]")
        return [
            ("InstanceRequest", request), ("InstanceDocument", instance),
            ("InstanceStartRequest", InstanceStartRequest(lease: 1)),
            ("InstanceSnapshotRequest", InstanceSnapshotRequest(name: "s")),
        ]
    }
}
