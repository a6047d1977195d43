import RucheCore
import RucheHost
import RucheService
import Support
import SystemPackage
import Testing

/// Machines of releases that have a Vagrant box and no disk beside it.
@Suite(.enabled(if: Tool.find(Tool.qemu.name) != nil && Tool.find(Tool.qemuImage.name) != nil), .serialized)
struct BoxInstanceTests {
    /// A disk of the tiny guest in another format.
    private static func disk(_ site: InstanceSite, _ arguments: [String]) async throws -> FilePath {
        let folder = site.data.removingLastComponent()
        let (raw, disk) = (folder.appending("tiny.raw"), folder.appending("tiny.disk"))
        try TinyGuest.write(raw)
        try await SystemCommandRunner().runChecked(
            Command(Tool.qemuImage.name, arguments + [raw.string, disk.string], workingDirectory: folder))
        return disk
    }

    private static func taken(_ record: InstanceRecord) -> Digest? {
        if case .disk(let disk, .qcow2) = record.image { disk } else { nil }
    }

    private static func order(_ site: InstanceSite, _ name: String) -> InstanceOrder {
        site.order(name) { $0.release = "lab/box" }
    }

    @Test(arguments: ["libvirt", "virtualbox"])
    func theDiskIsTakenOutOfTheBoxOnce(_ provider: String) async throws {
        try await InstanceSite.with { site in
            let format = provider == "libvirt" ? ["qcow2"] : ["vmdk", "-o", "subformat=streamOptimized"]
            let disk = try await Self.disk(site, ["convert", "-f", "raw", "-O"] + format)
            try await site.publishBox("lab/box", provider, disk: disk)
            try await site.serve { service in
                let one = try await service.create(Self.order(site, "one"))
                let box = try #require(one.box)
                let taken = try #require(Self.taken(one))
                #expect(taken != box && one.firmware == .bios)
                _ = try await service.reaches(one.id, .ready)
                #expect(try FileTree.names(in: service.folder(one.id).root).allSatisfy { !$0.hasPrefix("box") })
                let two = try await service.create(Self.order(site, "two"))
                #expect(two.image == one.image && two.box == box)
                try await service.destroy(one.id)
                #expect(try await service.needs(taken), "the other one is over it")
                try await service.destroy(two.id)
                #expect(try await !service.needs(taken), "it goes with the next collection")
            }
        }
    }

    @Test func aContainerGoesBeforeABox() async throws {
        try await InstanceSite.with { site in
            let disk = try await Self.disk(site, ["convert", "-f", "raw", "-O", "qcow2"])
            try await site.publishBox("lab/box", "libvirt", disk: disk, hasImage: true)
            try await site.serve { service in
                let container = try await service.create(Self.order(site, "one"))
                #expect(container.engine == "oci-runtime" && container.box == nil && container.firmware == nil)
                var order = Self.order(site, "two")
                order.engine = "qemu"
                let machine = try await service.create(order)
                #expect(machine.engine == "qemu" && machine.box != nil)
            }
        }
    }

    @Test func aHostileBoxIsRefused() async throws {
        try await InstanceSite.with { site in
            let disk = try await Self.disk(site, ["create", "-q", "-f", "qcow2", "-F", "raw", "-b"])
            try await site.publishBox("lab/box", "libvirt", disk: disk)
            try await site.serve { service in
                let error = try await #require(throws: RucheError.self) {
                    try await service.create(Self.order(site, "one"))
                }
                #expect(error.code == .unsupported && error.message.contains("difference to another file"), "\(error)")
                #expect(try FileTree.names(in: site.data.appending("instances")).isEmpty)
                #expect(await service.instances(limit: 9).isEmpty)
            }
        }
    }
}
