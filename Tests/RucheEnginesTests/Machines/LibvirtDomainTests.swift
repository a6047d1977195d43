import Foundation
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheEngines

@Suite struct LibvirtDomainTests {
    private static func domain(
        _ acceleration: InstanceAcceleration = .emulation("none"), _ change: (inout InstanceSpec) -> Void = { _ in }
    ) throws -> LibvirtDomain {
        var spec = InstanceSpec(
            id: try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzz")), name: "hub", folder: "/data/<a>&'b'",
            image: .disk("/data/blob", .raw), cpus: 2, memory: ByteCount(512 << 20))
        change(&spec)
        return LibvirtDomain(spec: spec, acceleration: acceleration, data: "/data")
    }

    private static func failure(_ complaint: String) -> RucheError {
        Virsh(uri: "qemu:///system", runner: SystemCommandRunner()).failure(complaint)
    }

    /// By libvirt's own schemas.
    @Test(
        .enabled(if: Tool.find("virt-xml-validate") != nil && Tool.find("xmllint") != nil),
        arguments: [MachineFirmware.bios, .uefi])
    func aDomainIsWhatLibvirtExpects(_ firmware: MachineFirmware) async throws {
        let document = try Self.domain { spec in
            (spec.firmware, spec.url, spec.publicKey) = (firmware, "http://a/?b&c=<d>", "ssh-ed25519 AAAA x\n")
            spec.ports = [PortPublication(host: 2222, guest: 22)]
            spec.shares = [InstanceShare(source: "/a", target: "/b"), InstanceShare(source: "/c", target: "/d")]
            spec.network = MachineContract.FixedNetwork(address: "192.168.1.20/24")
        }.document()
        try await Scratch.with { folder in
            let file = folder.appending("domain.xml")
            try AtomicFile.write(Array(document.utf8), to: file)
            try await SystemCommandRunner().runChecked(
                Command("virt-xml-validate", [file.string, "domain"], environment: ["HOME": folder.string]))
            func value(_ path: String) async throws -> String {
                let result = try await SystemCommandRunner().runChecked(
                    Command("xmllint", ["--xpath", "string(\(path))", file.string]))
                return result.output.filter { $0 != "\n" }
            }
            #expect(try await value("//log/@file") == "/data/<a>&'b'/console.log")
            #expect(try await value("//entry[1]") == "io.systemd.credential:ruche.url=http://a/?b&c=<d>")
            #expect(try await value("//memoryBacking/access/@mode") == "shared")
            #expect(try await value("//filesystem[2]/target/@dir") == "share1")
            #expect(
                try await value("//filesystem[2]/source/@socket").hasSuffix(
                    "/ruche-01hzzzzzzzzzzzzzzzzzzzzzzz-share1.sock"))
            #expect(try await value("//nvram/@template").isEmpty == (firmware == .bios))
        }
    }

    @Test func processorsAreEmulatedWithoutKVM() throws {
        #expect(try Self.domain().document().contains("<domain type='qemu'"))
        let accelerated = try Self.domain(.hardware).document()
        #expect(accelerated.contains("<domain type='kvm'") && accelerated.contains("host-passthrough"))
    }

    @Test func disksAreOpenFiles() throws {
        let domain = try Self.domain()
        #expect(domain.files.map(\.group) == ["disk", "image"] && domain.files.map(\.isWritable) == [true, false])
        let sources = try domain.document().matches(of: #/<source file='[^']*' fdgroup='([a-z]+)'/>/#)
        #expect(sources.map(\.1) == ["disk", "image"])
    }

    @Test func aDomainHasTheIdentifierOfItsInstance() throws {
        let domain = try Self.domain()
        #expect(domain.uuid == "018fffff-ffff-ffff-ffff-ffffffffffff")
        #expect(SecureShell.instance(domain.name) == domain.spec.id)
        for name in ["ruche-x", "01hzzzzzzzzzzzzzzzzzzzzzzz", "debian-01hzzzzzzzzzzzzzzzzzzzzzzz", ""] {
            #expect(SecureShell.instance(name) == nil)
        }
    }

    @Test func itStartsMachinesAndRunsNoJobs() throws {
        let settings = [EngineSettings(name: "machines", kind: .libvirt)]
        let context = EngineContext(data: "/data", runner: SystemCommandRunner())
        let registry = try EngineRegistry(settings, context: context)
        #expect(registry.machines.map(\.name) == ["machines"] && registry.machines.map(\.kind) == ["libvirt"])
        #expect(registry.engines.map(\.name) == ["oci-runtime"])
        let error = try #require(throws: RucheError.self) {
            try EngineRegistry(settings, default: "machines", context: context)
        }
        #expect(error.message.contains("runs no jobs"))
    }

    @Test func anEndIsTold() {
        #expect(LibvirtState("running (booted)\n\n").isRunning && LibvirtState("paused (starting up)").isRunning)
        #expect(LibvirtState("shut off (shutdown)\n").ending == nil && !LibvirtState("shut off (shutdown)").isRunning)
        #expect(LibvirtState("shut off (destroyed)").ending == "somebody ended it in libvirt")
        #expect(LibvirtState("shut off (crashed)").ending?.contains("killed") == true)
        #expect(LibvirtState("shut off (unknown)").ending?.contains("did not look") == true)
    }

    /// As libvirt 9.0 says it.
    @Test func aTakenPortIsTold() throws {
        let spec = try Self.domain { $0.ports = [PortPublication(host: 22345, guest: 22)] }.spec
        let complaint = """
            error: Failed to start domain 'ruche-test1'
            error: internal error: process exited while connecting to monitor: 2026-11-29T09:46:56.967298Z \
            qemu-system-x86_64: -netdev user,id=net,hostfwd=tcp:127.0.0.1:22345-:22: Could not set up host forwarding \
            rule 'tcp:127.0.0.1:22345-:22'
            """
        let error = QEMUEngine.failure(Self.failure(complaint).message, spec)
        #expect(error.code == .inUse && error.details["port"] == "22345")
    }

    @Test func whatIsNotThereIsToldFromADaemonThatIsAway() {
        #expect(Self.failure("error: failed to get domain 'x'").code == .notFound)
        let lost = "error: failed to get domain 'x'\nerror: End of file while reading data: Input/output error"
        #expect(Self.failure(lost).code == .engineUnavailable)
        let away = "error: failed to connect to the hypervisor\nerror: Failed to connect socket: Connection refused"
        #expect(Self.failure(away).code == .engineUnavailable)
        #expect(Self.failure(away).message.hasSuffix("hypervisor: Failed to connect socket: Connection refused"))
    }
}
