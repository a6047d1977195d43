import RucheCore
import RucheEngines
import RucheHost
import RucheImages
import RucheService
import Support
import SystemPackage
import Testing

/// What one engine by name is asked for where it runs containers and machines, as an LXD does.
@Suite(.enabled(if: Tool.find(Tool.qemu.name) != nil), .serialized)
struct EngineOfBothTests {
    /// One half of it. Nothing runs: it says so.
    private struct Half: InstanceEngine {
        let name = "lxd"
        let capabilities: InstanceCapabilities
        let firmwares: [MachineFirmware] = [.uefi]
        var findings: [EngineFinding] = []

        func acceleration() async -> InstanceAcceleration? { nil }
        func check() async -> [EngineFinding] { findings }
        func create(_ spec: InstanceSpec) async throws {}
        func start(_ spec: InstanceSpec) async throws {}
        func isRunning(_ spec: InstanceSpec) async -> Bool { true }
        func powerDown(_ spec: InstanceSpec) async throws {}
        func kill(_ spec: InstanceSpec) async throws {}
    }

    private static let machines = Half(capabilities: [.machine, .snapshot])
    private static let both: [any InstanceEngine] = [machines, Half(capabilities: [.container, .share])]

    private func order(_ release: String, _ change: (inout InstanceOrder) -> Void = { _ in }) -> InstanceOrder {
        var order = InstanceOrder(release: release, owner: .local)
        order.engine = "lxd"
        order.memory = ByteCount(64 << 20)
        change(&order)
        return order
    }

    private func isMachine(_ record: InstanceRecord) -> Bool { if case .disk = record.image { true } else { false } }

    @Test func aDiskBecomesAMachineAndAnImageAContainer() async throws {
        try await InstanceSite.with { site in
            try await site.publish("lab/both", nil, hasDisk: true) { $0.Cmd = ["/bin/sleep", "100"] }
            try await site.publishForLXD("lab/lxd")
            try await site.serve(and: Self.both) { service in
                for (release, wanted, change) in [
                    ("lab/tiny", true, { _ in }), ("lab/lxd", true, { _ in }), ("lab/both", false, { _ in }),
                    ("lab/both", true, { $0.firmware = .uefi }),
                    ("lab/both", true, { $0.userData = "#cloud-config\n{}" }),
                ] as [(String, Bool, (inout InstanceOrder) -> Void)] {
                    let record = try await service.create(order(release, change))
                    #expect(record.engine == "lxd" && isMachine(record) == wanted, "\(release)")
                    #expect(record.firmware == (wanted ? .uefi : nil))
                    #expect(try service.capabilities(of: record).contains(.snapshot) == wanted)
                    try await service.destroy(record.id)
                }
                // Another engine of machines takes the disk of that form too.
                let machine = try await service.create(order("lab/lxd") { $0.engine = nil })
                #expect(machine.engine == "qemu" && machine.firmware == .bios)
                try await service.destroy(machine.id)
            }
        }
    }

    @Test func whatItsMachinesHaveNotIsRefused() async throws {
        try await InstanceSite.with { site in
            try await site.serve(and: Self.both) { service in
                let wishes = order("lab/tiny") { order in
                    order.firmware = .bios
                    order.shares = [InstanceShare(source: "/tmp", target: "/mnt/x")]
                }
                var error = try await #require(throws: RucheError.self) { try await service.create(wishes) }
                #expect(error.code == .invalidInput)
                #expect(error.problems.contains { $0.path == "firmware" && $0.allowed == "uefi" })
                #expect(error.problems.contains { $0.message == "the engine lxd can't share folders with machines" })
                error = try await #require(throws: RucheError.self) { try await service.create(order("lab/none")) }
                #expect(error.code == .unsupported && error.message.contains("oci, or qcow2, raw, lxd-vm"), "\(error)")
                error = try await #require(throws: RucheError.self) {
                    try await service.create(order("lab/tiny") { $0.engine = "other" })
                }
                #expect(error.message.contains("use one of qemu") && error.message.hasSuffix("lxd"), "\(error)")
            }
        }
    }

    /// Before anything is made, and only where a machine is asked for.
    @Test func oneThatRunsNoMachinesIsSaidSo() async throws {
        var machines = Self.machines
        machines.findings = [EngineFinding(message: "it can't run virtual machines: no KVM", remedy: "use qemu")]
        let engines: [any InstanceEngine] = [machines, Self.both[1]]
        try await InstanceSite.with { site in
            try await site.publish("lab/image", nil) { $0.Cmd = ["/bin/sleep", "100"] }
            try await site.serve(and: engines) { service in
                let error = try await #require(throws: RucheError.self) { try await service.create(order("lab/tiny")) }
                #expect(error.code == .missingTool && error.problems.first?.allowed == "use qemu", "\(error)")
                #expect(error.message == "the engine \"lxd\" is not ready: it can't run virtual machines: no KVM")
                #expect(try FileTree.names(in: site.data.appending("instances")).isEmpty)
                let container = try await service.create(order("lab/image"))
                #expect(!isMachine(container))
                try await service.destroy(container.id)
            }
        }
    }
}
