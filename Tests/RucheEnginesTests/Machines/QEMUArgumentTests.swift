import Foundation
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheEngines

@Suite struct QEMUArgumentTests {
    private static func spec(_ folder: FilePath = "/x") throws -> InstanceSpec {
        InstanceSpec(
            id: try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzz")), name: "hub", folder: folder,
            image: .disk("/data/a,b/blob", .qcow2), cpus: 2, memory: ByteCount(512 << 20))
    }

    private static func build(
        _ spec: InstanceSpec, _ acceleration: InstanceAcceleration = .emulation("none"), user: String? = nil
    ) throws -> [String] {
        try QEMUArguments(spec: spec, acceleration: acceleration, user: user).build()
    }

    private static func value(_ arguments: [String], _ option: String, containing part: String = "") -> String? {
        zip(arguments, arguments.dropFirst()).first { $0 == option && (part.isEmpty || $1.contains(part)) }?.1
    }

    @Test func theImageIsNamedAsTheFileBelow() throws {
        let drive = try #require(Self.value(try Self.build(try Self.spec()), "-drive", containing: "id=disk"))
        #expect(drive.contains("file.filename=disk.qcow2"))
        #expect(drive.contains("backing.file.filename=/data/a,,b/blob"), "a comma is written twice")
        #expect(drive.contains("backing.driver=qcow2"))
    }

    @Test func processorsAreEmulatedWithoutKVM() throws {
        let emulated = try Self.build(try Self.spec())
        #expect(Self.value(emulated, "-accel") == "tcg,thread=multi")
        #expect(Self.value(emulated, "-cpu") == "max")
        let accelerated = try Self.build(try Self.spec(), .hardware)
        #expect(Self.value(accelerated, "-accel") == "kvm")
        #expect(Self.value(accelerated, "-cpu") == "host")
    }

    @Test func aMachineStartsByTheFirmwareThatIsAskedFor() throws {
        var spec = try Self.spec()
        #expect(Self.value(try Self.build(spec), "-drive", containing: "pflash") == nil)
        spec.firmware = .uefi
        let code = try #require(Self.value(try Self.build(spec), "-drive", containing: "unit=0"))
        #expect(code.contains("readonly=on"))
        let variables = try #require(Self.value(try Self.build(spec), "-drive", containing: "unit=1"))
        #expect(variables.hasSuffix("file=uefi-variables.fd"), "its own")
    }

    @Test func portsAreForwardedWhereTheyAreAskedFor() throws {
        var spec = try Self.spec()
        spec.ports = [
            PortPublication(host: 2222, guest: 22), PortPublication(address: "0.0.0.0", host: 8080, guest: 80),
        ]
        let net = try #require(Self.value(try Self.build(spec), "-netdev"))
        #expect(net.contains("hostfwd=tcp:127.0.0.1:2222-:22"))
        #expect(net.contains("hostfwd=tcp:0.0.0.0:8080-:80"))
    }

    @Test func aFixedAddressIsAtHome() throws {
        var spec = try Self.spec()
        spec.ports = [PortPublication(host: 2222, guest: 22)]
        spec.network = MachineContract.FixedNetwork(address: "192.168.1.20/24")
        spec.network?.gateway = "192.168.1.254"
        let net = try #require(Self.value(try Self.build(spec), "-netdev"))
        #expect(net.contains("net=192.168.1.0/24,host=192.168.1.254,dns=192.168.1.1,dhcpstart=192.168.1.20"))
        #expect(net.contains("hostfwd=tcp:127.0.0.1:2222-192.168.1.20:22"))
    }

    @Test(arguments: ["fd00::2/64", "192.168.1.20", "192.168.1.20/31", "x/24"])
    func anAddressThatCantBeHadIsRefused(_ address: String) throws {
        var spec = try Self.spec()
        spec.network = MachineContract.FixedNetwork(address: address)
        #expect(throws: RucheError.self) { try Self.build(spec) }
    }

    @Test func itGivesUpItsRights() throws {
        let arguments = try Self.build(try Self.spec(), user: "1879048200:1879048200")
        #expect(Self.value(arguments, "-runas") == "1879048200:1879048200")
        #expect(Self.value(arguments, "-sandbox")?.hasPrefix("on,") == true)
        #expect(arguments.contains("-nodefaults") && arguments.contains("-no-user-config"))
    }

    @Test func aPublicKeyGoesThroughTheFirmware() throws {
        var spec = try Self.spec()
        spec.publicKey = "ssh-ed25519 AAAA x\n"
        spec.url = "http://127.0.0.1:8080/"
        let arguments = try Self.build(spec)
        let text = try #require(Self.value(arguments, "-smbios", containing: "authorized_keys"))
        #expect(Self.value(arguments, "-smbios", containing: "ruche.url=http://127.0.0.1:8080/") != nil)
        let encoded = try #require(text.split(separator: "root=").last)
        #expect(Data(base64Encoded: String(encoded)) == Data("ssh-ed25519 AAAA x\n".utf8))
    }

    @Test func aTakenPortIsToldAsThat() throws {
        var spec = try Self.spec()
        spec.ports = [PortPublication(host: 2222, guest: 22)]
        let error = QEMUEngine.failure(
            "qemu-system-x86_64: -netdev user: Could not set up host forwarding rule 'tcp:127.0.0.1:2222-:22'", spec)
        #expect(error.code == .inUse && error.details["port"] == "2222")
        #expect(QEMUEngine.failure("a\nqemu: bad thing", spec).message.contains("bad thing"))
    }

    @Test func theCardsAddressIsItsOwnAndStays() throws {
        let first = MACAddress(try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzz")))
        let second = MACAddress(try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzy")))
        #expect(first != second)
        #expect(first.description.wholeMatch(of: /52:54:00(?::[0-9a-f]{2}){3}/) != nil)
    }
}
