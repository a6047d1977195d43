import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Machines that the real program builds from the example, started for real.
@Suite struct MachineTests {
    static let formats = [
        "raw", "qcow2", "vmdk", "vdi", "vhdx", "ova", "vagrant/libvirt", "vagrant/virtualbox", "lxd-vm",
    ]

    /// The example with other forms, in a folder of the test's own.
    static func recipe(_ fixture: RucheFixture, _ variants: [String], machine: [String: String] = [:]) throws
        -> FilePath
    {
        var text = String(
            decoding: try AtomicFile.read(RucheFixture.examples.appending("minimal-vm/ruche.yaml")), as: UTF8.self)
        text.replace("variants: [oci, qcow2]", with: "variants: [\(variants.joined(separator: ", "))]")
        for (key, value) in machine { text.replace("machine:\n", with: "machine:\n  \(key): \(value)\n") }
        return try fixture.write("minimal-vm/ruche.yaml", text).removingLastComponent()
    }

    /// The file of each form of the release, by its name.
    static func files(_ fixture: RucheFixture, version: String = "1.0.0") async throws -> [String: FilePath] {
        let answer = try await fixture.ruche("image", "show", "examples/minimal-vm:\(version)", "--json").output
        let release = try JSONText.whole(ReleaseDocument.self, answer)
        let blobs = fixture.data.appending("content/blobs/sha256")
        struct Manifest: Decodable {
            struct Layer: Decodable {
                var mediaType: String
                var digest: String
            }
            var layers: [Layer]
        }
        var files: [String: FilePath] = [:]
        for variant in release.variants {
            let text = String(
                decoding: try AtomicFile.read(blobs.appending(String("\(variant.digest)".dropFirst(7)))), as: UTF8.self)
            let layer = try #require(try JSONText.whole(Manifest.self, text).layers.last)
            let name = variant.provider.map { "vagrant/\($0)" } ?? variant.format
            files[name] = blobs.appending(String(layer.digest.dropFirst(7)))
        }
        return files
    }

    /// A raw disk of 2 GiB takes what is in it, also where it is copied to.
    private func exportsWithoutItsEmptiness(_ fixture: RucheFixture, _ raw: String) async throws {
        let copy = fixture.folder.appending("copy.raw").string
        try await fixture.ruche("release", "export", "examples/minimal-vm:2.0.0", "--format", "raw", "-o", copy)
        try await fixture.tool("cmp", copy, raw)
        let blocks = try await fixture.tool("stat", "--format", "%b", copy, raw).split(separator: "\n").compactMap {
            Int($0)
        }
        try #require(blocks.count == 2)
        #expect(blocks[0] < blocks[1] * 2)
        try FileTree.remove(FilePath(copy))
    }

    @Test func oneRecipeMakesEveryMachineAndTheSameTwice() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.ruche("build", Self.recipe(fixture, ["qcow2"]).string)
            let first = try #require(try await Self.files(fixture)["qcow2"])
            // Every layer and the disk made again: a release that exists takes only the same digest.
            try await fixture.ruche("build", Self.recipe(fixture, ["qcow2"]).string, "--no-cache")
            #expect(try await Self.files(fixture)["qcow2"] == first)

            let all = try Self.recipe(fixture, Self.formats)
            try await fixture.tool("sed", "-i", "s/^version: .*/version: 2.0.0/", all.appending("ruche.yaml").string)
            try await fixture.ruche("build", all.string)
            let files = try await Self.files(fixture, version: "2.0.0")
            #expect(Set(files.keys) == Set(Self.formats))
            let raw = try #require(files["raw"]).string
            for format in ["qcow2", "vmdk", "vdi", "vhdx"] {
                let file = try #require(files[format]).string
                try await fixture.tool("qemu-img", "compare", "-f", "raw", "-F", format, raw, file)
            }
            #expect(files["lxd-vm"] == files["qcow2"])
            try await exportsWithoutItsEmptiness(fixture, raw)
            try await checkPackages(fixture, files, raw)
            try await startsHere(fixture)
            try await startsWithUEFI(fixture)
            for leftover in ["cache/work", "content/ingest"] {
                #expect(try isMissingOrEmpty(fixture.data.appending(leftover)))
            }
        }
    }

    /// An appliance and boxes hold what they must, and the same disk.
    private func checkPackages(_ fixture: RucheFixture, _ files: [String: FilePath], _ raw: String) async throws {
        for name in ["ova", "vagrant/libvirt", "vagrant/virtualbox"] {
            let folder = fixture.folder.appending(name.replacing("/", with: "-"))
            try FileTree.makeFolder(folder)
            try await fixture.tool("tar", "-C", folder.string, "-xf", try #require(files[name]).string)
        }
        let ova = fixture.folder.appending("ova")
        let order = try await fixture.tool("tar", "-tf", try #require(files["ova"]).string)
        #expect(order == "minimal-vm.ovf\nminimal-vm.mf\nminimal-vm-disk1.vmdk\n")
        try await fixture.tool(
            "sh", "-c",
            "cd \(ova) && sed -n 's/^SHA1(\\(.*\\))= \\(.*\\)$/\\2  \\1/p' minimal-vm.mf | sha1sum -c --strict")
        try await fixture.tool("xmllint", "--noout", ova.appending("minimal-vm.ovf").string)
        let size = try FileTree.size(ova.appending("minimal-vm-disk1.vmdk"))
        let description = String(decoding: try AtomicFile.read(ova.appending("minimal-vm.ovf")), as: UTF8.self)
        #expect(description.contains("ovf:size=\"\(size)\"") && description.contains("ovf:capacity=\"2147483648\""))
        try await fixture.tool(
            "qemu-img", "compare", "-f", "raw", "-F", "vmdk", raw, ova.appending("minimal-vm-disk1.vmdk").string)
        let box = fixture.folder.appending("vagrant-libvirt")
        try await fixture.tool("qemu-img", "check", "-f", "qcow2", box.appending("box.img").string)
        let other = fixture.folder.appending("vagrant-virtualbox")
        try await fixture.tool("xmllint", "--noout", other.appending("box.ovf").string)
        let info = try await fixture.tool("qemu-img", "info", "-f", "vmdk", other.appending("box-disk001.vmdk").string)
        #expect(info.contains("streamOptimized"))
    }

    /// The whole way: from a release to a healthy machine that is used, stopped and destroyed.
    private func startsHere(_ fixture: RucheFixture) async throws {
        let port = try #require(LocalPort.free())
        let up = try await fixture.ruche(
            "up", "examples/minimal-vm:1.0.0", "--name", "small", "--publish", "\(port):8080", "--disk", "3G", "--json")
        let ready = try JSONText.whole(InstanceDocument.self, up.output)
        for stage in ready.stages { print("\(stage.kind.rawValue) after \(stage.seconds) s") }
        #expect(ready.stages.map(\.kind) == [.console, .ssh, .health])
        #expect(try await fixture.tool("curl", "-sS", "http://127.0.0.1:\(port)/") == "It works.\n")
        func ssh(_ command: String, code: Int = 0) async throws -> String {
            try await fixture.ruche("instance", "ssh", "small", "--", command, code: code).output
        }
        let size = try await ssh("df --output=size -B1M / | tail -n 1")
        #expect(Int(size.filter(\.isNumber)) ?? 0 > 2700, "the root has not grown: \(size)")
        #expect(try await ssh("systemctl is-system-running --wait; systemctl --failed --no-legend") == "running\n")
        let identity = try await ssh("cat /etc/ruche/identity")
        #expect(
            identity == "RUCHE_NAME=minimal-vm\nRUCHE_ADDRESS=10.0.2.15\nRUCHE_URL=http://127.0.0.1:\(port)/\n")
        #expect(try await ssh("cat /etc/machine-id").count == 33)
        #expect(try await ssh("getent shadow root debian | cut -d: -f2") == "*\n!\n")
        _ = try await ssh("exit 5", code: 5)
        try await fixture.ruche("instance", "stop", "small")
        let stopped = try await fixture.ruche("instance", "show", "small", "--json").output
        let end = try JSONText.whole(InstanceDocument.self, stopped)
        #expect(end.state == .stopped && end.reason == nil)
        try await fixture.ruche("instance", "destroy", "small")
        #expect(try isMissingOrEmpty(fixture.data.appending("instances")))
    }

    /// The same disk by UEFI, which keeps what it finds in variables of this machine alone.
    private func startsWithUEFI(_ fixture: RucheFixture) async throws {
        let up = try await fixture.ruche(
            "up", "examples/minimal-vm:1.0.0", "--name", "small", "--firmware", "uefi", "--json")
        let ready = try JSONText.whole(InstanceDocument.self, up.output)
        #expect(ready.stages.map(\.kind) == [.console, .ssh, .health] && ready.firmware == .uefi)
        print("UEFI: ssh after \(ready.stages[1].seconds) s")
        let answer = try await fixture.ruche("instance", "ssh", "small", "--", "ls -d /sys/firmware/efi").output
        #expect(answer == "/sys/firmware/efi\n")
        let variables = fixture.data.appending("instances/\(ready.id)/uefi-variables.fd")
        #expect(try AtomicFile.read(variables) != AtomicFile.read("/usr/share/OVMF/OVMF_VARS_4M.fd"))
        try await fixture.ruche("instance", "destroy", "small")
    }

    @Test func whatCanNotBecomeAMachineIsRefusedWithItsReason() async throws {
        try await RucheFixture.with { fixture in
            let unfit = try Self.recipe(fixture, ["qcow2"]).string
            let check = try await fixture.ruche(
                "check", unfit, "--target", "openstack", "--flavour-disk", "1G", code: 2)
            #expect(
                check.output.contains("machine.cloud_init") && check.output.contains("machine.disk"), "\(check.output)")
            try await fixture.ruche("check", unfit, "--target", "libvirt", "--flavour-disk", "2G")
            let small = try Self.recipe(fixture, ["qcow2"], machine: ["disk": "300M"]).appending("ruche.yaml")
            try await fixture.tool("sed", "-i", "/^  disk: 2G/d", small.string)
            let result = try await fixture.run("build", small.string)
            #expect(!result.status.isSuccess)
            #expect(
                (result.output + result.errorTail).contains("machine.disk is 300 MiB, and what is in the machine needs")
            )
            let kernel = try Self.recipe(fixture, ["qcow2"]).appending("ruche.yaml")
            try await fixture.tool("sed", "-i", "s/linux-image-cloud-amd64/busybox/", kernel.string)
            let none = try await fixture.run("build", kernel.string)
            #expect((none.output + none.errorTail).contains("no kernel: the package busybox installed none"))
            #expect(try isMissingOrEmpty(fixture.data.appending("cache/work")))
        }
    }
}
