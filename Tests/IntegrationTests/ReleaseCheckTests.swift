import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

/// Machines of releases, looked into for where they are to run.
@Suite(.enabled(if: BusyboxRoot.isUsable)) struct ReleaseCheckTests {
    @Test func machinesThatAreBuiltHereFitWhereTheySay() async throws {
        try await RucheFixture.with { fixture in
            let recipe = try await fixture.tinyMachineRecipe(["oci", "qcow2", "ova", "lxd-vm"])
            try await fixture.ruche("build", recipe.string)
            for (target, form) in [("libvirt", "qcow2"), ("virtualbox", "ova")] {
                let result = try await fixture.ruche("check", "test/machine", "--target", target)
                #expect(result.output == "test/machine:1.0.0, \(form), Tiny System: no problem on \(target)\n")
            }
            let lxd = try await fixture.ruche("check", "test/machine:1.0.0", "--target", "lxd", code: 2)
            #expect(lxd.output.split(separator: "\n").count == 1, "\(lxd.output)")
            #expect(lxd.output.hasPrefix("test/machine:1.0.0: /usr/bin/cloud-init: is not there"))
            #expect(lxd.errorTail.contains("security.secureboot=false"))
            let small = try await fixture.ruche(
                "check", "test/machine", "--target", "libvirt", "--flavour-disk", "100M", code: 2)
            #expect(small.output.contains("disk: is larger than the disk of the flavour (found 256 MiB"))
            try await fixture.ruche("check", "test/machine", "--target", "libvirt", "--flavour-disk", "no", code: 2)
            #expect(try isMissingOrEmpty(fixture.data.appending("uploads")))
        }
    }

    @Test func whatIsLeftOnAnImportedDiskIsTold() async throws {
        try await RucheFixture.with { fixture in
            for (name, text) in [
                ("etc/os-release", "PRETTY_NAME=\"Old System\"\n"), ("etc/machine-id", "0123456789abcdef\n"),
                ("etc/shadow", "root:$6$a$b:1::::::\n"), ("root/.bash_history", "mysql -p secret\n"),
            ] {
                try fixture.write("guest/\(name)", text)
            }
            let disk = fixture.folder.appending("disk.img").string
            try await fixture.tool(
                "mke2fs", "-q", "-t", "ext4", "-d", fixture.folder.appending("guest").string, disk, "16M")
            try await fixture.ruche("release", "import", disk, "--as", "lab/old:1.0.0")
            let result = try await fixture.ruche("check", "lab/old", "--target", "libvirt", "--json", code: 2)
            let problems = try JSONText.whole([Problem].self, result.output)
            #expect(problems.map(\.path).sorted() == ["/etc/machine-id", "/etc/shadow", "/root/.bash_history"])
            #expect(problems.allSatisfy { $0.file == "lab/old:1.0.0" && $0.allowed != nil })
            #expect(!result.output.contains("secret"))
            let other = try await fixture.ruche("check", "lab/old", "--target", "virtualbox", code: 2)
            #expect(other.output.contains("has nothing that virtualbox takes (found qcow2"))
            try await fixture.ruche("check", "lab/none", "--target", "libvirt", code: 3)
        }
    }

    @Test func aContainerIsNoMachine() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox()
            let result = try await fixture.ruche("check", "test/tiny", "--target", "openstack", code: 2)
            #expect(result.output.contains("found no machine for amd64; allowed: one of qcow2, raw"))
        }
    }
}
