import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Disks come into the catalogue and leave it through the program.
@Suite struct DiskCommandTests {
    private func sh(_ fixture: RucheFixture, _ script: String) async throws {
        try await fixture.runner.runChecked(Command("/bin/sh", ["-euc", script], workingDirectory: fixture.folder))
    }

    private static let disk = """
        mkdir -p root/etc root/lib/modules/6.1.0-18-amd64 root/var/lib/dpkg root/bin
        printf 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\\n' > root/etc/os-release
        printf 'Package: bash\\nStatus: install ok installed\\nArchitecture: amd64\\nVersion: 5.2\\n\\n' \
            > root/var/lib/dpkg/status
        head -c 64 /bin/sh > root/bin/sh
        truncate -s 24M disk.raw
        printf 'label: gpt\\nstart=2048, size=40960, type=L\\n' | sfdisk -q disk.raw
        mke2fs -q -t ext4 -d root -E offset=1048576 disk.raw 20M
        qemu-img convert -f raw -O vmdk -o subformat=streamOptimized disk.raw disk.vmdk
        """

    @Test func importsADiskAndGivesItInEveryFormat() async throws {
        try await RucheFixture.with { fixture in
            try await sh(fixture, Self.disk)
            let imported = try await fixture.ruche("release", "import", "disk.vmdk", "--as", "lab/desk:1.0.0")
            #expect(imported.output.contains("Debian GNU/Linux 12 (bookworm); "))
            #expect(imported.output.contains("kernel 6.1.0-18-amd64; 1 package"))
            let shown = try await fixture.ruche("release", "show", "lab/desk")
            #expect(shown.output.contains("qcow2") && shown.output.contains("1 package"))
            for format in ["raw", "qcow2", "vmdk", "vdi", "vhdx"] {
                try await fixture.ruche("release", "export", "lab/desk", "--format", format, "-o", "out.\(format)")
                try await sh(fixture, "qemu-img compare -f \(format) -F raw out.\(format) disk.raw")
            }
            try await fixture.ruche("release", "export", "lab/desk", "--format", "ova", "-o", "out.ova")
            try await fixture.ruche("release", "import", "out.ova", "--as", "lab/again:1.0.0")
            try await fixture.ruche("release", "export", "lab/again", "--format", "raw", "-o", "again.raw")
            try await sh(fixture, "cmp again.raw disk.raw")
            // The same disk is the same release, which is no error; another one never takes its place.
            try await fixture.ruche("release", "import", "disk.raw", "--as", "lab/desk:1.0.0", "--format", "raw")
            try await sh(fixture, "truncate -s 32M disk.raw")
            let other = try await fixture.ruche(
                "release", "import", "disk.raw", "--as", "lab/desk:1.0.0", "--format", "raw", code: 4)
            #expect(other.errorTail.contains("lab/desk:1.0.0"))
            #expect(try isMissingOrEmpty(fixture.data.appending("uploads")))
        }
    }

    /// COT, a tool for OVF of somebody else's: it finds no fault in an appliance, and one in a damaged one.
    @Test func appliancesAreReadByAToolForThem() async throws {
        try await RucheFixture.with { fixture in
            guard let python = try await PythonEnvironment.make("ovf", ["cot==2.2.1"], for: fixture) else { return }
            func look(_ name: String) async throws -> (text: String, faults: String) {
                let result = try await fixture.runner.run(
                    Command(
                        python.program("cot"), ["info", name], environment: ["HOME": fixture.folder.string],
                        workingDirectory: fixture.folder), onLine: nil)
                return (result.output, result.errorTail.split(separator: "\n").filter { $0.contains("ERROR") }.joined())
            }
            try await sh(fixture, Self.disk)
            try await fixture.ruche("release", "import", "disk.vmdk", "--as", "lab/desk:1.0.0")
            try await fixture.ruche("release", "export", "lab/desk", "--format", "ova", "-o", "out.ova")
            let (text, faults) = try await look("out.ova")
            #expect(
                faults.isEmpty && text.contains("desk-disk1.vmdk") && text.contains("24 MiB harddisk @ SATA 0:0"),
                "\(text)\(faults)")
            #expect(text.contains("E1000") && text.contains("NAT"), "\(text)")
            try await sh(
                fixture,
                "mkdir x; cd x; tar -xf ../out.ova; printf x >> desk-disk1.vmdk; tar -cf ../bad.ova *.ovf *.mf *.vmdk")
            let bad = try await look("bad.ova")
            #expect(bad.faults.contains("sha1 checksum for file 'desk-disk1.vmdk'"), "\(bad)")
        }
    }

    @Test func refusesWhatIsNoDiskThatStandsAlone() async throws {
        try await RucheFixture.with { fixture in
            try await sh(fixture, "qemu-img create -q -f raw b 1M; qemu-img create -q -f qcow2 -F raw -b b x.qcow2")
            let result = try await fixture.run("release", "import", "x.qcow2", "--as", "lab/desk:1.0.0")
            #expect(!result.status.isSuccess && result.errorTail.contains("difference to another file"))
            try await fixture.ruche("release", "show", "lab/desk", code: 3)
            #expect(try isMissingOrEmpty(fixture.data.appending("uploads")))
        }
    }

    @Test func leavesNothingOfAnImportThatWasKilled() async throws {
        try await RucheFixture.with { fixture in
            try await sh(
                fixture,
                """
                truncate -s 64M disk.raw; head -c 60M /dev/urandom | dd of=disk.raw conv=notrunc status=none
                printf 'start=2048, type=83\\n' | sfdisk -q disk.raw
                export RUCHE_DATA=\(fixture.data)
                \(RucheFixture.program) release import disk.raw --as lab/desk:1.0.0 --format raw & pid=$!
                n=0; until ls data/uploads/*/disk/disk.qcow2 2>/dev/null; do sleep 0.01; n=$((n+1)); [ $n -lt 3000 ]; done
                kill -9 $pid; wait $pid || true
                """)
            try await fixture.ruche("release", "list")
            #expect(try isMissingOrEmpty(fixture.data.appending("uploads")))
            let processes = try FileTree.names(in: "/proc").compactMap { Int32($0) }.filter { number in
                ProcessIdentity.arguments(of: number).contains { $0.contains(fixture.folder.string) }
            }
            #expect(processes.isEmpty)
            try await fixture.ruche("release", "import", "disk.raw", "--as", "lab/desk:1.0.0", "--format", "raw")
        }
    }
}
