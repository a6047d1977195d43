import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheEngines

/// The documents that an LXD with machines gets, one after the other.
@Suite(.enabled(if: RecordingLXD.isUsable && Tool.find(Tool.qemuImage.name) != nil))
struct LXDMachineRequestTests {
    private struct Site {
        let daemon: RecordingLXD
        let engine: LXDMachineEngine
        var spec: InstanceSpec
    }

    private func with(_ body: (Site) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let daemon = try await RecordingLXD.start(in: folder)
            let settings = EngineSettings(
                name: "lxd", kind: .lxd, values: ["socket": .string(daemon.socket.string)])
            let context = EngineContext(data: folder.appending("data"), runner: SystemCommandRunner())
            let disk = folder.appending("disk.raw")
            try TinyGuest.write(disk)
            let id = try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzz"))
            var spec = InstanceSpec(
                id: id, name: "hub", folder: folder.appending("data/instances/\(id)"), image: .disk(disk, .raw),
                cpus: 2, memory: ByteCount(512 << 20))
            spec.imageDigest = Digest(bytes: Array(repeating: 1, count: 32))
            try FileTree.makeFolder(spec.folder)
            let site = Site(
                daemon: daemon, engine: LXDMachineEngine(try LXDEngine(settings, context: context)), spec: spec)
            do { try await body(site) } catch {
                try? await daemon.end()  // the first error is the one to report
                throw error
            }
            try await daemon.end()
        }
    }

    @Test func aVirtualMachineIsMadeOfTheDiskAndStartedWithSeedAndPorts() async throws {
        try await with { site in
            var spec = site.spec
            #expect(await site.engine.check() == [])
            try await site.engine.create(spec)
            try await site.engine.create(spec)
            let made = try site.daemon.requests()
            #expect(made.map { "\($0.method) \($0.path)" } == ["POST /1.0/images", "POST /1.0/instances"])
            #expect(made[0].body == ["metadata", "rootfs.img"], "a disk is a machine's")
            let config: [String: JSONValue] = try LXDMachine(spec: spec, kind: .machine, data: data(site))
                .configuration().mapValues { .string($0) }
            let root: [String: JSONValue] = ["type": "disk", "path": "/", "pool": "default", "size": "1048576"]
            #expect(
                made[1].body == [
                    "name": .string(spec.mark), "type": "virtual-machine",
                    "source": ["type": "image", "fingerprint": "f00d"], "profiles": ["default"],
                    "config": .object(config), "devices": ["root": .object(root)],
                ])

            let seed = spec.folder.appending(InstanceSpec.seedFile)
            try AtomicFile.write([1], to: seed, permissions: [.ownerReadWrite])
            spec.ports = [PortPublication(host: try #require(LocalPort.free()), guest: 22)]
            try await site.engine.start(spec)
            #expect(await site.engine.isRunning(spec))
            let started = try site.daemon.requests().dropFirst(2)
            #expect(started.map(\.path) == ["/1.0/instances/\(spec.mark)", "/1.0/instances/\(spec.mark)/state"])
            let now = try LXDMachine(spec: spec, kind: .machine, data: data(site)).configuration()
            #expect(now["raw.qemu"]?.contains("hostfwd=tcp:127.0.0.1:\(spec.ports[0].host)-:22") == true)
            #expect(
                started.first?.body == [
                    "architecture": "x86_64", "profiles": ["default"], "config": .object(now.mapValues { .string($0) }),
                    "devices": [
                        "root": .object(root),
                        "ruche-seed": ["type": "disk", "source": .string(seed.string), "readonly": "true"],
                    ],
                ])
            #expect(started.last?.body == ["action": "start", "force": false, "timeout": 30])
        }
    }

    @Test func itsEndAndItsSnapshotsAreAskedForInLXDsWords() async throws {
        try await with { site in
            let (engine, spec) = (site.engine, site.spec)
            try await engine.create(spec)
            #expect(try await engine.held() == [spec.id])
            try await engine.snapshot(spec, as: "first")
            try await engine.restore(spec, to: "first")
            try await engine.start(spec)
            await #expect(throws: RucheError.self) { try await engine.restore(spec, to: "first") }
            try await engine.powerDown(spec)
            #expect(await !engine.isRunning(spec))
            try await engine.start(spec)
            try await engine.delete(spec)
            try await engine.delete(spec)
            #expect(try await engine.held() == [])
            let name = "/1.0/instances/\(spec.mark)"
            let requests = try site.daemon.requests().dropFirst(2)
            #expect(
                requests.map { "\($0.method) \($0.path.dropFirst(name.count))" } == [
                    "POST /snapshots", "PUT ", "PUT ", "PUT /state", "PUT /state", "PUT ", "PUT /state", "PUT /state",
                    "DELETE ",
                ])
            let bodies = requests.map(\.body)
            #expect(bodies[0] == ["name": "first", "stateful": false] && bodies[1] == ["restore": "first"])
            #expect(bodies[4] == ["action": "stop", "force": false, "timeout": 5], "the power button")
            #expect(bodies[7] == ["action": "stop", "force": true, "timeout": 30])
        }
    }

    @Test func aStartThatFailsLeavesNothingRunningAndNamesThePort() async throws {
        try await with { site in
            var spec = site.spec
            try await site.engine.create(spec)
            spec.ports = [PortPublication(host: try #require(LocalPort.free()), guest: 22)]
            let forward = "tcp:127.0.0.1:\(spec.ports[0].host)-:22"
            try site.daemon.failStarts(
                """
                Failed to run: forklimits -- qemu-system-x86_64 -netdev user,hostfwd=\(forward): \
                qemu-system-x86_64: -netdev user: Could not set up host forwarding rule '\(forward)'
                : exit status 1
                """)
            var error = await #expect(throws: RucheError.self) { try await site.engine.start(spec) }
            #expect(
                error?.code == .inUse && error?.details["port"] == "\(spec.ports[0].host)",
                "\(String(describing: error))")
            try site.daemon.failStarts("Failed to run: qemu-system-x86_64 -S: qemu-system-x86_64: no KVM\n: exit 1")
            error = await #expect(throws: RucheError.self) { try await site.engine.start(spec) }
            #expect(error?.message == "LXD can't start the machine: no KVM")
            #expect(await !site.engine.isRunning(spec))
        }
    }

    private func data(_ site: Site) -> FilePath { site.engine.engine.context.data }
}
