import RucheCore
import Testing

@Suite struct InstanceValueTests {
    @Test(arguments: [
        ("8080:80", PortPublication(host: 8080, guest: 80)),
        ("0.0.0.0:8080:80", PortPublication(address: "0.0.0.0", host: 8080, guest: 80)),
        ("192.168.1.20:1:65535", PortPublication(address: "192.168.1.20", host: 1, guest: 65535)),
    ])
    func portsAreRead(_ text: String, _ port: PortPublication) { #expect(PortPublication(text) == port) }

    @Test(arguments: [
        "", "80", "8080:", ":80", "0:80", "80:0", "65536:1", "a:80", "1:2:3", "::1:8080:80", "127.0.0.1:80",
        "127.0.0.01:8080:80", "256.0.0.1:1:1", "127.0.0.1,hostfwd=x:1:1", "8080:80-", "-1:80", "1:2:3:4",
    ])
    func whatIsNoPortIsRefused(_ text: String) { #expect(PortPublication(text) == nil) }

    @Test func portsCollideByAddress() {
        let one = PortPublication(host: 80, guest: 1)
        #expect(one.collides(with: PortPublication(host: 80, guest: 2)))
        #expect(one.collides(with: PortPublication(address: "0.0.0.0", host: 80, guest: 2)))
        #expect(!one.collides(with: PortPublication(address: "10.0.0.1", host: 80, guest: 1)))
        #expect(!one.collides(with: PortPublication(host: 81, guest: 1)))
    }

    @Test func onlyHighPortsOfTheLoopbackAreEverybodys() {
        #expect(PortPublication(host: 8080, guest: 80).isHarmless)
        #expect(!PortPublication(host: 80, guest: 80).isHarmless)
        #expect(!PortPublication(address: "0.0.0.0", host: 8080, guest: 80).isHarmless)
    }

    @Test(arguments: [
        ("/data/genomes", "/mnt/genomes"), ("/data/genomes/", "/mnt/genomes"), ("/data:/srv/x", "/srv/x"),
    ])
    func sharesAreRead(_ text: String, _ target: String) { #expect(InstanceShare(text)?.target == target) }

    @Test(arguments: ["", "/", "data", "/data:srv", "/data:/", "/a,b", "/data:/../etc", "/a/../b", "/a:/b:/c", "/a\n"])
    func whatIsNoShareIsRefused(_ text: String) { #expect(InstanceShare(text) == nil) }

    @Test func aNameIsMadeOfTheEnvironments() throws {
        let environment = try #require(EnvironmentName("lab/minimal_vm.2"))
        #expect(InstanceName.free(for: environment, taken: []) == "minimal-vm-2")
        #expect(InstanceName.free(for: environment, taken: ["minimal-vm-2", "minimal-vm-2-2"]) == "minimal-vm-2-3")
        let long = try #require(EnvironmentName("lab/\(String(repeating: "a", count: 49))-b"))
        #expect(InstanceName.isValid(InstanceName.free(for: long, taken: [])))
    }

    @Test(arguments: ["", "-a", "a-", "A", "a.b", "a_b", "ä", String(repeating: "a", count: 64)])
    func whatIsNoHostNameIsRefused(_ name: String) { #expect(!InstanceName.isValid(name)) }

    @Test(arguments: ["", "-c", ".x", "a b", "a/b", "../x", String(repeating: "a", count: 64)])
    func whatIsNoSnapshotIsRefused(_ name: String) { #expect(!InstanceSnapshot.isValid(name)) }

    @Test func aPinnedHostKeyLetsNoOtherThrough() throws {
        let id = try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzz"))
        let shell = SecureShell(folder: "/d", alias: SecureShell.alias(id), port: 2222, user: "debian")
        let pinned = shell.arguments(isPinned: true, options: ["-t"], command: ["id"])
        #expect(pinned.contains("StrictHostKeyChecking=yes"))
        #expect(pinned.contains("HostKeyAlias=ruche-\(id)"))
        #expect(pinned.suffix(3) == ["-t", "debian@127.0.0.1", "id"])
        #expect(shell.arguments(isPinned: false, options: [], command: []).contains("StrictHostKeyChecking=accept-new"))
    }
}
