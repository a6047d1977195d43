import Foundation
import RucheCore
import RucheHost
import SystemPackage
import Testing

/// Starts of machines that take minutes under software emulation. `make test-long` runs them.
@Suite struct MachineLongTests {
    @Test func everyDiskFormatStarts() async throws {
        try await RucheFixture.with { fixture in
            let formats = ["raw", "vmdk", "vdi", "vhdx"]
            try await fixture.ruche("build", MachineTests.recipe(fixture, formats).string)
            let files = try await MachineTests.files(fixture)
            for format in formats {
                try await Guest.with(fixture, try #require(files[format]), format: format) { guest async throws in
                    let url = "http://127.0.0.1:\(guest.webPort)/"
                    #expect(
                        try await fixture.tool("curl", "-sS", "--retry", "30", "--retry-all-errors", url)
                            == "It works.\n")
                }
            }
        }
    }

    @Test func vagrantStartsTheBoxOfTheCatalogue() async throws {
        try await NetworkSite.with { site in
            let fixture = site.fixture
            try await fixture.ruche("build", MachineTests.recipe(fixture, ["vagrant/libvirt"]).string)
            try await fixture.ruche("env", "set", "examples/minimal-vm", "--public")
            try fixture.write("box/Vagrantfile", Self.vagrantfile)
            try await LibvirtDaemon.with(fixture) { _ in
                func vagrant(_ arguments: String...) async throws -> String {
                    let result = try await fixture.runner.run(
                        Command(
                            "vagrant", arguments,
                            environment: [
                                "VAGRANT_SERVER_URL": site.address, "VAGRANT_CHECKPOINT_DISABLE": "1",
                                "VAGRANT_HOME": fixture.folder.appending("vagrant").string,
                                "HOME": fixture.folder.string, "VAGRANT_NO_COLOR": "1",
                            ], workingDirectory: fixture.folder.appending("box")), onLine: nil)
                    let all = result.output + result.errorTail
                    #expect(result.status.isSuccess, "vagrant \(arguments)\n\(all)")
                    return all
                }
                let start = ContinuousClock.now
                let up = try await vagrant("up", "--provider", "libvirt")
                print("vagrant up: \(start.duration(to: .now))")
                #expect(up.contains("examples/minimal-vm") && up.contains("PROVISIONED on vg1"), "\(up)")
                let answer = try await vagrant("ssh", "-c", "id -un; grep -c insecure ~/.ssh/authorized_keys || true")
                #expect(answer.contains("vagrant\n0"), "Vagrant replaces its known key: \(answer)")
                _ = try await vagrant("destroy", "-f")
                _ = try await vagrant("box", "remove", "examples/minimal-vm", "--provider", "libvirt", "--force")
                try await forgetWhatVagrantLeaves(fixture)
            }
        }
    }

    /// The copy of the box in libvirt's own pool.
    private func forgetWhatVagrantLeaves(_ fixture: RucheFixture) async throws {
        let script = """
            export LIBVIRT_DEFAULT_URI=qemu:///system
            virsh vol-list default | awk '/minimal-vm/ {print $1}' | xargs -r -n 1 virsh vol-delete --pool default
            """
        try await fixture.tool("sh", "-ec", script)
    }

    /// QEMU's emulation, and none of what a desktop would have.
    private static let vagrantfile = """
        Vagrant.configure("2") do |config|
          config.vm.box = "examples/minimal-vm"
          config.vm.hostname = "vg1"
          config.vm.boot_timeout = 600
          config.vm.synced_folder ".", "/vagrant", disabled: true
          config.vm.provider :libvirt do |libvirt|
            libvirt.driver = "qemu"
            libvirt.uri = "qemu:///system"
            libvirt.memory = 512
            libvirt.cpus = 2
            libvirt.cpu_mode = "custom"
            libvirt.cpu_model = "qemu64"
            libvirt.graphics_type = "none"
            libvirt.video_type = "none"
          end
          config.vm.provision "shell", inline: "echo PROVISIONED on $(hostname)"
        end

        """

    /// Packer's own QEMU builder starts a machine, provisions it, and what it leaves becomes a release.
    @Test func packerProvisionsAMachineForTheBase() async throws {
        try await RucheFixture.with { fixture in
            let key = fixture.folder.appending("packed/key").string
            try FileTree.makeFolder(fixture.folder.appending("packed"))
            try await fixture.tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
            let public_ = String(decoding: try AtomicFile.read(FilePath(key + ".pub")), as: UTF8.self).dropLast()
            try await fixture.ruche(
                "build", MachineTests.recipe(fixture, ["qcow2"], machine: ["keys": "[\"\(public_)\"]"]).string)
            let disk = try #require(try await MachineTests.files(fixture)["qcow2"])
            try await fixture.tool("cp", disk.string, fixture.folder.appending("packed/minimal.qcow2").string)
            try fixture.write("packed/template.json", Self.template)
            try fixture.write(
                "packed/ruche.yaml",
                """
                ruche: 1
                name: test/packed
                version: 1.0.0
                from: packer:template.json
                machine: {cloud_init: false}
                variants: [qcow2]

                """)
            try await fixture.ruche("check", "packed")
            let start = ContinuousClock.now
            try await fixture.ruche("build", "packed")
            print("packer: built after \(start.duration(to: .now))")
            try fixture.expectNothingOfBuilds()
            let made = fixture.folder.appending("made.raw").string
            try await fixture.ruche("image", "export", "test/packed", "--format", "raw", "-o", made)
            let root = fixture.folder.appending("root.ext4").string
            try await fixture.tool("dd", "if=\(made)", "of=\(root)", "bs=1M", "skip=42", "conv=sparse", "status=none")
            #expect(try await fixture.tool("debugfs", "-R", "cat /etc/made-by", root) == "packer on minimal-vm\n")
            let again = try await fixture.ruche("build", "packed")
            #expect(again.output.contains("0 built"), "\(again.output)")
        }
    }

    private static let template = """
        {"builders": [{
          "type": "qemu", "accelerator": "tcg", "disk_image": true, "iso_url": "minimal.qcow2", "iso_checksum": "none",
          "format": "qcow2", "headless": true, "disk_size": "2G", "memory": 512, "cpus": 2, "net_device": "virtio-net",
          "disk_interface": "virtio", "output_directory": "output", "vm_name": "made.qcow2", "ssh_username": "debian",
          "ssh_private_key_file": "key", "ssh_timeout": "10m", "boot_wait": "1s",
          "shutdown_command": "sudo systemctl poweroff", "qemuargs": [["-cpu", "max"]]}],
         "provisioners": [{"type": "shell", "inline": ["echo packer on $(hostname) | sudo tee /etc/made-by"]}]}
        """

    @Test func hubRunsCellsOfPythonAndR() async throws {
        try await RucheFixture.with { fixture in
            let example = RucheFixture.examples.appending("jupyterhub")
            try await fixture.ruche("build", example.string)
            let port = try #require(LocalPort.free())
            let start = ContinuousClock.now
            try await fixture.ruche(
                "up", "examples/jupyterhub", "--name", "hub", "--cpus", "2", "--publish", "\(port):8000", "--timeout",
                "30m")
            print("hub: healthy after \(start.duration(to: .now))")
            try await fixture.expectHub(at: port, token: ["sudo", "cat", "/srv/hub/api-token"])
            try await fixture.ruche("instance", "destroy", "hub")
        }
    }
}
