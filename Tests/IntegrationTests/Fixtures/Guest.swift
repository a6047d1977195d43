import Foundation
import Glibc
import RucheHost
import Support
import SystemPackage
import Testing

/// A virtual machine of a test under QEMU, without anything of ruche: what an image does by itself.
struct Guest: Sendable {
    let fixture: RucheFixture
    let name: String
    let sshPort: Int
    let webPort: Int
    let console: FilePath
    private let key: FilePath

    /// Starts a machine over `disk`, which stays as it is, runs `body` once it can be logged in to, and ends it.
    static func with(
        _ fixture: RucheFixture, _ disk: FilePath, format: String, size: String? = nil,
        _ body: (Guest) async throws -> Void
    ) async throws {
        let name = "guest-\(UInt16.random(in: .min ... .max))"
        let key = fixture.folder.appending("\(name).key")
        try await fixture.tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.string)
        let sshPort = try #require(LocalPort.free())
        let guest = Guest(
            fixture: fixture, name: name, sshPort: sshPort, webPort: try #require(LocalPort.free(besides: sshPort)),
            console: fixture.folder.appending("\(name).log"), key: key)
        let overlay = fixture.folder.appending("\(name).qcow2").string
        try await fixture.tool(
            "qemu-img",
            ["create", "-q", "-f", "qcow2", "-b", disk.string, "-F", format, overlay] + (size.map { [$0] } ?? []))
        let pid = fixture.folder.appending("\(name).pid")
        try await fixture.tool("qemu-system-x86_64", try await guest.arguments(overlay, pid))
        let process = try #require(Int32(String(decoding: try AtomicFile.read(pid), as: UTF8.self).filter(\.isNumber)))
        defer { kill(process, SIGKILL) }
        let start = ContinuousClock.now
        try await guest.waitForLogin()
        print("guest: \(format) can be logged in to after \(start.duration(to: .now))")
        try await body(guest)
    }

    private func arguments(_ overlay: String, _ pid: FilePath) async throws -> [String] {
        let publicKey = Data(try AtomicFile.read(FilePath(key.string + ".pub"))).base64EncodedString()
        return [
            "-name", name, "-nodefaults", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "512",
            "-display", "none",
            "-monitor", "none", "-serial", "file:\(console)", "-daemonize", "-pidfile", pid.string,
            "-drive", "file=\(overlay),if=virtio,cache=unsafe", "-device", "virtio-rng-pci",
            "-netdev", "user,id=n,hostfwd=tcp:127.0.0.1:\(sshPort)-:22,hostfwd=tcp:127.0.0.1:\(webPort)-:8080",
            "-device", "virtio-net-pci,netdev=n",
            "-smbios", "type=11,value=io.systemd.credential.binary:ssh.authorized_keys.root=\(publicKey)",
            "-smbios", "type=11,value=io.systemd.credential:ruche.url=https://hub.example.org/a",
        ]
    }

    private func waitForLogin() async throws {
        let deadline = ContinuousClock.now + .seconds(420)
        while ContinuousClock.now < deadline {
            if try await ssh("true").status.isSuccess { return }
            try await Task.sleep(for: .seconds(1))
        }
        let text = String(decoding: (try? AtomicFile.read(console)) ?? [], as: UTF8.self)
        Issue.record("the machine does not let anybody in; its console ends with:\n\(text.suffix(3000))")
        throw CancellationError()
    }

    /// Runs a command in the machine.
    func ssh(_ command: String) async throws -> CommandResult {
        try await fixture.runner.run(
            Command(
                "ssh",
                [
                    "-q", "-o", "ConnectTimeout=10", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
                    "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-i", key.string, "-p", String(sshPort),
                    "root@127.0.0.1", command,
                ], environment: ["HOME": fixture.folder.string]), onLine: nil)
    }
}
