import RucheCore
import RucheHost
import RucheWire
import Support
import SystemPackage
import Testing

/// The example's machine under a real libvirt, which takes minutes under software emulation.
@Suite(.enabled(if: Tool.find(Tool.virsh.name) != nil && Tool.find("libvirtd") != nil), .serialized)
struct LibvirtLongTests {
    @Test func theExampleIsUsedUnderLibvirt() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write(".config/ruche/config.yaml", LibvirtTests.configuration)
            try await fixture.ruche("build", MachineTests.recipe(fixture, ["qcow2"]).string)
            try await LibvirtDaemon.with(fixture) { daemon in
                try await usesBIOS(fixture)
                try await usesUEFI(fixture)
                #expect(try await daemon.domains() == [])
                #expect(try isMissingOrEmpty(fixture.data.appending("instances")))
            }
        }
    }

    @Test func aGuestSharesAFolderUnderLibvirt() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write(".config/ruche/config.yaml", LibvirtTests.configuration)
            let recipe = try MachineTests.recipe(fixture, ["qcow2"])
            try await fixture.tool(
                "sed", "-i", "s/cloud_init: false/cloud_init: true/", recipe.appending("ruche.yaml").string)
            try await fixture.ruche("build", recipe.string)
            let note = try fixture.write("shared/note", "from the host\n")
            try await fixture.tool("chown", "-R", "1234:1234", note.removingLastComponent().string)
            try FileTree.setMode(fixture.folder, 0o711)  // its owner gets there
            try await LibvirtDaemon.with(fixture) { _ in
                try await fixture.ruche(
                    "up", "examples/minimal-vm", "--engine", "libvirt", "--name", "vm", "--share",
                    "\(note.removingLastComponent()):/srv/shared")
                #expect(try await ssh(fixture, "sudo cat /srv/shared/note") == "from the host\n")
                let write = "echo from the guest | sudo tee /srv/shared/answer; stat -c %u /srv/shared/answer"
                #expect(try await ssh(fixture, write) == "from the guest\n0\n", "root there, the owner here")
                let answer = fixture.folder.appending("shared/answer").string
                #expect(try await fixture.tool("stat", "-c", "%u:%g", answer) == "1234:1234\n")
                #expect(try await fixture.tool("cat", answer) == "from the guest\n")
                try await fixture.ruche("instance", "destroy", "vm")
            }
        }
    }

    private func up(_ fixture: RucheFixture, _ port: Int, _ firmware: String) async throws -> InstanceDocument {
        let up = try await fixture.ruche(
            "up", "examples/minimal-vm", "--engine", "libvirt", "--name", "vm", "--publish", "\(port):8080",
            "--firmware", firmware, "--json")
        let ready = try JSONText.whole(InstanceDocument.self, up.output)
        #expect(ready.stages.map(\.kind) == [.console, .ssh, .health] && ready.firmware?.rawValue == firmware)
        for stage in ready.stages { print("\(firmware): \(stage.kind.rawValue) after \(stage.seconds) s") }
        return ready
    }

    private func ssh(_ fixture: RucheFixture, _ command: String, code: Int = 0) async throws -> String {
        try await fixture.ruche("instance", "ssh", "vm", "--", command, code: code).output
    }

    private func usesBIOS(_ fixture: RucheFixture) async throws {
        let port = try #require(LocalPort.free())
        _ = try await up(fixture, port, "bios")
        #expect(try await fixture.tool("curl", "-sS", "http://127.0.0.1:\(port)/") == "It works.\n")
        let identity = try await ssh(fixture, "cat /etc/ruche/identity")
        #expect(identity == "RUCHE_NAME=minimal-vm\nRUCHE_ADDRESS=10.0.2.15\nRUCHE_URL=http://127.0.0.1:\(port)/\n")
        #expect(try await fixture.atConsole(of: "vm", until: "login:").contains("login:"), "the console answers")
        try await fixture.ruche("instance", "snapshot", "vm", "before")
        _ = try await ssh(fixture, "touch /root/after && sync")
        try await fixture.ruche("instance", "stop", "vm")
        let stopped = try await fixture.instance("vm")
        #expect(stopped.state == .stopped && stopped.reason == nil, "the power button is heard: \(stopped)")
        try await fixture.ruche("instance", "restore", "vm", "before")
        try await fixture.ruche("instance", "start", "vm")
        _ = try await ssh(fixture, "test -e /root/after", code: 1)
        try await fixture.ruche("instance", "destroy", "vm")
    }

    private func usesUEFI(_ fixture: RucheFixture) async throws {
        let ready = try await up(fixture, try #require(LocalPort.free()), "uefi")
        #expect(try await ssh(fixture, "ls -d /sys/firmware/efi") == "/sys/firmware/efi\n")
        let variables = FilePath("/var/lib/libvirt/qemu/nvram/\(SecureShell.alias(ready.id))_VARS.fd")
        #expect(FileTree.exists(variables))
        try await fixture.ruche("instance", "destroy", "vm")
        #expect(!FileTree.exists(variables), "they go with it")
    }
}
