import Glibc
import RucheCore
import RucheEngines
import RucheHost
import RucheImages
import RucheService
import RucheStore
import Support
import SystemPackage
import Testing

/// Instances that are containers, by the built-in engine.
@Suite(
    .enabled(if: BusyboxRoot.isUsable && Tool.find("conmon") != nil && Tool.find(Tool.slirp.name) != nil), .serialized)
struct ContainerInstanceTests {
    private func service(_ commands: [String: String], health: Bool = false) -> ServiceContract {
        var service = ServiceContract()
        service.commands = commands
        if health { service.health = .init(http: "/", port: 80) }
        return service
    }

    private func order(_ release: String, _ change: (inout InstanceOrder) -> Void = { _ in }) -> InstanceOrder {
        var order = InstanceOrder(release: release, owner: .local)
        change(&order)
        return order
    }

    @Test func whatAContainerCantBeIsRefusedWithEveryProblem() async throws {
        try await InstanceSite.with { site in
            try await site.publish("lab/two", service(["api": "/bin/a", "www": "/bin/b"]))
            try await site.publish("lab/silent", nil)
            try await site.publish("lab/both", service(["www": "/bin/sleep 100"]), hasDisk: true)
            try await site.serve { service in
                func refusal(_ order: InstanceOrder) async throws -> RucheError {
                    try await #require(throws: RucheError.self) { try await service.create(order) }
                }
                var error = try await refusal(order("lab/two"))
                #expect(error.code == .invalidInput && error.problems.first?.allowed == "api, www", "\(error)")
                error = try await refusal(order("lab/two") { $0.command = "db" })
                #expect(error.code == .invalidInput && error.problems.map(\.path) == ["command"])
                error = try await refusal(order("lab/silent"))
                #expect(error.code == .unsupported && error.message.contains("service"), "\(error)")
                error = try await refusal(
                    order("lab/both") { order in
                        order.engine = "oci-runtime"
                        (order.disk, order.userData, order.memory) = (ByteCount(1 << 30), "#!/bin/sh", ByteCount(1))
                        order.firmware = .uefi
                        order.shares = [InstanceShare(source: "/tmp", target: "/proc/x")]
                    })
                #expect(
                    error.problems.map(\.path) == ["memory", "shares[0]", "disk", "userData", "firmware"],
                    "\(error.problems)")
                error = try await refusal(order("lab/both") { $0.command = "www" })
                #expect(error.problems.map(\.path) == ["command"], "\(error)")
                error = try await refusal(order("lab/tiny") { $0.engine = "oci-runtime" })
                #expect(error.code == .unsupported && error.message.contains("container image"), "\(error)")
                error = try await refusal(order("lab/two") { ($0.engine, $0.command) = ("qemu", "www") })
                #expect(error.code == .unsupported && error.message.contains("no disk"), "\(error)")
                #expect(try FileTree.names(in: site.data.appending("instances")).isEmpty)
            }
        }
    }

    @Test func aMachineIsTakenWhereThereIsADiskUnlessContainersAreAskedFor() async throws {
        try await InstanceSite.with { site in
            try await site.publish("lab/both", service(["www": "/bin/sleep 100"]), hasDisk: true)
            try await site.publish("lab/image", service(["www": "/bin/sleep 100"]))
            try await site.serve { service in
                let record = try await service.create(order("lab/image"))
                #expect(record.engine == "oci-runtime" && record.user == nil)
                let named = try await service.create(order("lab/both") { $0.engine = "oci-runtime" })
                #expect(named.engine == "oci-runtime")
                #expect(try await service.reaches(record.id, .ready, .failed).stages.map(\.kind) == [.console])
                let machine = try await service.create(order("lab/both") { $0.memory = ByteCount(64 << 20) })
                #expect(machine.engine == "qemu")
                await #expect(throws: RucheError.self) { try await service.snapshot(record.id, as: "x") }
            }
        }
    }

    @Test func itsEndIsTold() async throws {
        try await InstanceSite.with { site in
            let script = #"/bin/sh -c "echo no database >&2; exit 3""#
            // With a check of its health, so that it is not ready for having stayed a while.
            try await site.publish("lab/ends", service(["www": script], health: true))
            try await site.publish("lab/eats", service(["www": "/bin/dd if=/dev/zero of=/dev/null bs=1G count=1"]))
            try await site.publish("lab/image", nil) { $0.Cmd = ["/bin/sleep", "100"] }
            try await site.serve { service in
                let failed = try await service.reaches(
                    service.create(order("lab/ends")).id, .failed, .ready)
                #expect(failed.reason?.hasSuffix("its command ended with exit code 3") == true, "\(failed)")
                #expect(failed.consoleTail == ["no database"])
                let id = try await service.create(order("lab/eats") { $0.memory = ByteCount(16 << 20) }).id
                // On a busy machine it may have stayed long enough to be ready before that.
                #expect(try await service.reaches(id, .failed, .stopped).reason?.contains("more memory") == true)
                let stays = try await service.create(order("lab/image")).id
                _ = try await service.reaches(stays, .ready)
                for process in ControlGroup.processes(of: stays) { process.send(SIGKILL) }
                let ended = try await service.reaches(stays, .stopped)
                #expect(ended.reason == "its command ended with exit code 137", "\(ended)")
            }
        }
    }

    @Test func aLeaseStopsItAndWhatItWroteStays() async throws {
        try await InstanceSite.with { site in
            let script = #"/bin/sh -c "echo x >>/srv/starts; cat /srv/starts; exec sleep 100""#
            try await site.publish("lab/image", service(["www": script]))
            try await site.serve { service in
                let id = try await service.create(order("lab/image") { $0.lease = 10 }).id
                let stopped = try await service.reaches(id, .stopped, .failed)
                #expect(stopped.reason == "its lease ended" && ControlGroup.processes(of: id).isEmpty, "\(stopped)")
                #expect(try OverlayMount.mounted(under: site.data).isEmpty, "nothing stays mounted")
                _ = try await service.start(id, lease: 600)
                _ = try await service.reaches(id, .ready)
                #expect(try await eventually { try await text(service, id) == "x\nx\nx\n" })
            }
        }
    }

    private func text(_ service: InstanceService, _ id: Identifier, tail: Int? = nil) async throws -> String {
        var bytes: [UInt8] = []
        for try await chunk in try await service.console(id, lines: tail, follow: false) { bytes += chunk }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func whatNobodyKnowsIsEnded() async throws {
        try await InstanceSite.with { site in
            try await site.publish("lab/image", service(["www": "/bin/sleep 100"]))
            let id = try await site.serve { service in
                let id = try await service.create(order("lab/image")).id
                return try await service.reaches(id, .ready).id
            }
            #expect(!ControlGroup.processes(of: id).isEmpty, "it goes on without the server")
            let blob = try await site.database.read { try InstanceRepository($0).instances() }.first?.blob
            let layer = try #require(blob.flatMap { Digest($0) })
            #expect(try await site.serve { try await $0.needs(layer) })
            // As a lost database leaves it.
            try await site.database.write { try InstanceRepository($0).remove(id.description) }
            try FileTree.remove(site.data.appending("instances/\(id)/id_ed25519"))
            try await site.serve { service in #expect(await service.instances(limit: 10).isEmpty) }
            #expect(ControlGroup.processes(of: id).isEmpty)
            let names = try FileTree.names(in: site.data.appending("instances"))
            #expect(names.count == 1 && names[0].hasPrefix(".set-aside-\(id)-"), "\(names)")
        }
    }
}

extension ControlGroup {
    /// The processes of an instance's container.
    fileprivate static func processes(of id: Identifier) -> [ProcessIdentity] {
        let group = try? ControlGroup(container: ContainerInstanceEngine.container(id))
        return group?.processes().compactMap { ProcessIdentity(of: $0) } ?? []
    }
}
