import Glibc
import RucheCore
import RucheHost
import RucheService
import RucheStore
import Support
import SystemPackage
import Testing

/// Machines of QEMU that run a guest of one sector.
@Suite(.enabled(if: Tool.find(Tool.qemu.name) != nil && Tool.find(Tool.qemuImage.name) != nil), .serialized)
struct RealMachineTests {
    @Test func aMachineStartsStopsAndLeavesNothing() async throws {
        try await InstanceSite.with { site in
            let id = try await site.serve { service in
                let start = ContinuousClock.now
                let record = try await service.create(site.order("one"))
                print("up to the boot: \(ContinuousClock.now - start)")
                #expect(record.starts == 1 && record.state == .starting)
                let ready = try await service.reaches(record.id, .ready, .failed)
                #expect(ready.state == .ready && ready.stages.map(\.kind) == [.console], "\(ready)")
                #expect(try await service.needs(site.disk))
                _ = try await service.stop(record.id)
                let stopped = try await service.reaches(record.id, .stopped)
                #expect(stopped.reason == nil && site.process(record.id) == nil)
                _ = try await service.start(record.id)
                #expect(try await service.reaches(record.id, .ready).starts == 2)
                return record.id
            }
            let process = try #require(site.process(id))
            try await site.serve { try await $0.destroy(id) }
            #expect(!process.isAlive)
            #expect(try FileTree.names(in: site.data.appending("instances")).isEmpty)
            #expect(try await site.database.read { try InstanceRepository($0).instances() }.isEmpty)
            #expect(try await site.kinds().last == "instance.destroyed")
        }
    }

    @Test func aMachineOutlivesTheServer() async throws {
        try await InstanceSite.with { site in
            let id = try await site.serve { service in
                let record = try await service.create(site.order("one"))
                return try await service.reaches(record.id, .ready).id
            }
            let process = try #require(site.process(id))
            let state = try await site.serve { service in try await service.instance(id).state }
            #expect(state == .ready)
            #expect(process.isAlive, "it is the same one")
            process.send(SIGKILL)
            _ = try await eventually { !process.isAlive }
            try await site.serve { service in
                let record = try await service.reaches(id, .stopped)
                #expect(record.reason == "it switched itself off")
                _ = try await service.start(id)
                #expect(try await service.reaches(id, .ready).starts == 2)
            }
        }
    }

    @Test func aDeadMachineIsSeenWhileTheServerRuns() async throws {
        try await InstanceSite.with { site in
            try await site.serve { service in
                let record = try await service.create(site.order("one"))
                _ = try await service.reaches(record.id, .ready)
                site.process(record.id)?.send(SIGKILL)
                #expect(try await service.reaches(record.id, .stopped).reason != nil)
            }
        }
    }

    @Test func aMachineThatGoesBeforeItIsReadyHasFailed() async throws {
        try await InstanceSite.with(switchesOff: true, ssh: true) { site in
            try await site.serve { service in
                let record = try await service.create(site.order("one"))
                let failed = try await service.reaches(record.id, .failed, .ready)
                #expect(failed.state == .failed && failed.reason?.contains("ended by itself") == true, "\(failed)")
                #expect(failed.consoleTail?.contains { $0.contains("tiny guest is up") } == true)
            }
        }
    }

    @Test func aMachineThatNeverGetsReadyIsEnded() async throws {
        try await InstanceSite.with(ssh: true) { site in
            try await site.serve { service in
                let record = try await service.create(site.order("one") { $0.timeout = 20 })
                let process = try #require(site.process(record.id))
                let failed = try await service.reaches(record.id, .failed, .ready)
                #expect(failed.reason == "it was not ready after 20 seconds: ssh is missing", "\(failed)")
                #expect(failed.stages.map(\.kind) == [.console])
                #expect(failed.consoleTail?.contains { $0.contains("tiny guest is up") } == true)
                #expect(!process.isAlive)
            }
        }
    }

    @Test func aLeaseStopsAndKeeps() async throws {
        try await InstanceSite.with { site in
            try await site.serve { service in
                let record = try await service.create(site.order("one") { $0.lease = 4 })
                // Where the machine is slow, the lease may end before it is ready.
                _ = try await service.reaches(record.id, .ready, .stopping, .stopped)
                let stopped = try await service.reaches(record.id, .stopped)
                #expect(stopped.reason == "its lease ended", "\(stopped)")
                let again = try await service.start(record.id)
                #expect(try #require(again.leaseEnd) > (stopped.stoppedAt ?? 0), "it has a new one")
            }
        }
    }

    @Test func aDiskIsKeptAndGivenBack() async throws {
        try await InstanceSite.with { site in
            try await site.serve { service in
                let id = try await service.create(site.order("one")).id
                _ = try await service.reaches(id, .ready)
                _ = try await service.snapshot(id, as: "running")
                _ = try await service.stop(id, now: true)
                _ = try await service.reaches(id, .stopped)
                try await write("0x11", site, id)
                #expect(try await service.snapshot(id, as: "one").snapshots.map(\.name) == ["running", "one"])
                try await write("0x22", site, id)
                await #expect(throws: RucheError.self) { try await service.snapshot(id, as: "one") }
                await #expect(throws: RucheError.self) { try await service.restore(id, to: "two") }
                _ = try await service.restore(id, to: "one")
                try await read("0x11", site, id)
                _ = try await service.restore(id, to: "running")
                try await read("0x00", site, id)
            }
        }
    }

    private func write(_ pattern: String, _ site: InstanceSite, _ id: Identifier) async throws {
        try await disk("write -P \(pattern) 512k 4k", site, id)
    }

    /// Throws unless the disk has the pattern.
    private func read(_ pattern: String, _ site: InstanceSite, _ id: Identifier) async throws {
        try await disk("read -P \(pattern) 512k 4k", site, id)
    }

    private func disk(_ command: String, _ site: InstanceSite, _ id: Identifier) async throws {
        let path = site.data.appending("instances/\(id)/disk.qcow2")
        try await SystemCommandRunner().runChecked(Command("qemu-io", ["-f", "qcow2", "-c", command, path.string]))
    }
}
