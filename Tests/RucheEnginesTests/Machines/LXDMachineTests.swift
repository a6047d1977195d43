import Foundation
import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheEngines

/// What LXD and its QEMU are told of a machine.
@Suite struct LXDMachineTests {
    private static func machine(
        _ folder: FilePath = "/data/instances/x", _ change: (inout InstanceSpec) -> Void = { _ in }
    ) throws -> LXDMachine {
        var spec = InstanceSpec(
            id: try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzz")), name: "hub", folder: folder,
            image: .disk("/data/blob", .qcow2), cpus: 2, memory: ByteCount(512 << 20))
        spec.ports = [PortPublication(host: 2222, guest: 22), PortPublication(host: 8080, guest: 80)]
        change(&spec)
        return LXDMachine(spec: spec, kind: .machine, data: "/data")
    }

    @Test func aMachineHasLimitsNoSecureBootAndTheNetworkOfQEMU() throws {
        let config = try Self.machine { $0.url = "http://a/?b=it's" }.configuration()
        #expect(config["limits.cpu"] == "2" && config["limits.memory"] == "\(512 << 20)")
        #expect(config["security.secureboot"] == "false" && config["boot.autostart"] == "false")
        #expect(config["user.ruche.machine"] == "/data" && config["user.ruche.data"] == nil, "no container of a job's")
        let raw = try #require(config["raw.qemu"])
        #expect(raw.contains("hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=tcp:127.0.0.1:8080-:80"))
        #expect(raw.contains(#"'type=11,value=io.systemd.credential:ruche.url=http://a/?b=it'\''s'"#), "\(raw)")
        #expect(raw.contains(",addr=0x1e,romfile='"))
        #expect(config["raw.apparmor"] == "\"/data/instances/x/console.log\" rw,")
        let low = try Self.machine { $0.ports = [PortPublication(host: 80, guest: 80)] }.configuration()
        #expect(low["raw.apparmor"]?.hasSuffix("rw,\ncapability net_bind_service,") == true)
    }

    @Test func aHostileNameIsOneWordForQEMUAndAppArmor() throws {
        let config = try Self.machine(#"/a "b*' -c/{x}"#).configuration()
        #expect(config["raw.apparmor"] == #""/a \"b\*' -c/\{x\}/console.log" rw,"#)
        #expect(config["raw.qemu"]?.contains(#"'chardev.console.logfile=/a "b*'\'' -c/{x}/console.log'"#) == true)
    }

    @Test func theRootIsThatOfTheProfileWithTheSizeOfTheDisk() throws {
        func profile(_ devices: [String: [String: String]]) -> LXDAPI.Configured {
            LXDAPI.Configured(config: nil, devices: devices)
        }
        let fast = ["type": "disk", "path": "/", "pool": "fast", "limits.read": "1MB"]
        let profiles = [
            profile(["root": ["type": "disk", "path": "/", "pool": "slow"]]), profile(["disk": fast]), profile([:]),
        ]
        let given = LXDMachine.root(of: profiles, pool: nil, size: ByteCount(1 << 30))
        #expect(given.name == "disk" && given.device == fast.merging(["size": "1073741824"]) { $1 })
        let chosen = LXDMachine.root(of: profiles, pool: "own", size: nil)
        #expect(chosen.device["pool"] == "own" && chosen.device["size"] == nil)
        let none = LXDMachine.root(of: [], pool: "own", size: nil)
        #expect(none.name == "root" && none.device == ["type": "disk", "path": "/", "pool": "own"])
    }

    @Test func whatLacksForMachinesIsNamed() {
        #expect(LXDMachineEngine.finding(driver: "lxc | qemu") == nil)
        for driver in ["lxc", nil] {
            let finding = LXDMachineEngine.finding(driver: driver)
            #expect(finding?.message.hasPrefix("it can't run virtual machines: ") == true)
            #expect(finding?.remedy?.contains("start LXD again; or use the engine qemu") == true)
        }
    }

    /// QEMU as LXD 5.0 starts it: its console is a socket that is named in a file, its own devices are behind ports.
    private func qemu(_ machine: LXDMachine, _ folder: FilePath, disk: FilePath) async throws -> CommandResult {
        try BusyboxRoot.write(
            """
            [machine]
            type = "q35"
            accel = "tcg"
            graphics = "off"

            [chardev "console"]
            backend = "socket"
            path = "console"
            server = "on"
            wait = "off"

            [device "qemu_pcie0"]
            driver = "pcie-root-port"
            bus = "pcie.0"
            addr = "1.0"
            chassis = "0"
            multifunction = "on"

            """, to: folder.appending("qemu.conf"))
        let runAs = getuid() == 0 ? "-runas nobody" : ""
        let line = """
            exec \(Tool.qemu.name) -daemonize -nographic -serial chardev:console -nodefaults -no-user-config \
            -sandbox on,obsolete=deny,elevateprivileges=allow,spawn=allow,resourcecontrol=deny -readconfig qemu.conf \
            -pidfile pid \(runAs) -drive "file=$1,format=raw,if=none,id=d" -device virtio-blk-pci,drive=d \
            \(try machine.configuration()["raw.qemu"] ?? "")
            """
        return try await SystemCommandRunner().run(
            Command("/bin/sh", ["-c", line, "sh", disk.string], workingDirectory: folder), onLine: nil)
    }

    /// The part that no container can show, by the QEMU that LXD would start.
    @Test(.enabled(if: Tool.find(Tool.qemu.name) != nil))
    func qemuKeepsTheConsoleAndHasThePortsWithWhatLXDIsTold() async throws {
        try await Scratch.with { scratch in
            let folder = scratch.appending("it's a folder")
            try FileTree.makeFolder(folder)
            let port = PortPublication(host: try #require(LocalPort.free()), guest: 22)
            let machine = try Self.machine(folder) { spec in
                (spec.ports, spec.url) = ([port], "http://127.0.0.1/")
                spec.network = MachineContract.FixedNetwork(address: "192.168.1.20/24")
            }
            let disk = scratch.appending("disk.raw")
            try TinyGuest.write(disk)
            try AtomicFile.write([], to: machine.spec.console, permissions: [.ownerReadWrite])
            let first = try await qemu(machine, folder, disk: disk)
            #expect(first.status.isSuccess, "\(first.errorTail)")
            let text = String(decoding: try AtomicFile.read(folder.appending("pid")), as: UTF8.self)
            let pid = try #require(Int32(text.filter { $0 != "\n" }))
            defer { kill(pid, SIGKILL) }
            #expect(LocalPort.obstacle(port.address, port.host) != nil)
            #expect(
                try await eventually(within: .seconds(60)) {
                    let said = String(decoding: try AtomicFile.read(machine.spec.console), as: UTF8.self)
                    return said.contains(TinyGuest.greeting)
                })
            // Another one can't have the port. LXD tells the whole command line, with every port in it.
            for name in ["console", "pid"] { try FileTree.remove(folder.appending(name)) }
            let second = try await qemu(
                try Self.machine(folder) { $0.ports = [PortPublication(host: 1, guest: 1), port] }, folder, disk: disk)
            let said = "Failed to run: qemu hostfwd=tcp:127.0.0.1:1-:1: \(second.errorTail): exit status 1"
            let error = try Self.machine(folder) { $0.ports = [PortPublication(host: 2, guest: 1), port] }
                .failure(RucheError(.engineUnavailable, said))
            #expect(error.code == .inUse && error.details["port"] == "\(port.host)", "\(error)")
            // A proxy that had gone before LXD asked it for what it listens on.
            let gone = RucheError(.engineUnavailable, "Error occurred when starting proxy device: Failed to receive fd")
            #expect(try Self.machine(folder) { $0.ports = [port] }.failure(gone).code == .inUse)
            let free = PortPublication(host: try #require(LocalPort.free()), guest: 80)
            #expect(try Self.machine(folder) { $0.ports = [free] }.failure(gone).code == .engineUnavailable)
        }
    }
}
