import RucheCore
import RucheHost
import RucheImages
import SystemPackage
import Testing

/// Disks that qemu-img makes, and those that somebody made to harm.
@Suite("Import of disks")
struct DiskImportTests {
    /// A GPT disk with one ext4 partition that has a system on it, as `disk.raw`.
    static let disk = """
        mkdir -p root/etc root/usr/lib root/lib/modules/6.1.0-18-amd64 root/boot root/var/lib/dpkg root/usr/bin
        ln -s usr/bin root/bin
        printf 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\\nID=debian\\n' > root/usr/lib/os-release
        ln -s ../usr/lib/os-release root/etc/os-release
        echo kernel > root/boot/vmlinuz-6.1.0-18-amd64
        printf 'Package: bash\\nStatus: install ok installed\\nArchitecture: amd64\\nVersion: 5.2.15-2+b2\\n\\n' \
            > root/var/lib/dpkg/status
        head -c 64 /bin/sh > root/usr/bin/dash; ln -s dash root/usr/bin/sh
        truncate -s 24M disk.raw
        printf 'label: gpt\\nstart=2048, size=40960, type=L\\n' | sfdisk -q disk.raw
        mke2fs -q -t ext4 -d root -E offset=1048576 disk.raw 20M
        """

    private func importing(
        _ fixture: Fixture, _ name: String, _ kind: DiskImporter.Kind? = nil
    ) async throws -> DiskImporter.Imported {
        let path = fixture.folder.appending("in").appending("upload")
        try await fixture.sh("rm -rf in; mkdir in; cp --sparse=always \(name) in/upload")
        let found = try kind ?? #require(try DiskImporter.kind(of: path))
        let importer = DiskImporter(store: fixture.store, runner: SystemCommandRunner())
        do {
            let result = try await importer.importDisk(path, found, architecture: "arm64") { _ in }
            #expect(try fixture.names("in").isEmpty)
            return result
        } catch {
            #expect(!FileTree.exists(fixture.folder.pushing("in/disk")))
            throw error
        }
    }

    /// The content of the stored disk as the guest sees it is that of `disk.raw`.
    private func expectSame(_ fixture: Fixture, _ imported: DiskImporter.Imported) async throws {
        try await fixture.store.withFile(imported.disk.blob) { path async throws -> Void in
            try await fixture.sh("qemu-img compare -f qcow2 -F raw \(path) disk.raw; qemu-img check -q \(path)")
        }
    }

    @Test func takesEveryFormatAndFindsWhatIsOnTheDisk() async throws {
        try await Fixture.with { fixture in
            try await fixture.sh(Self.disk)
            try await fixture.sh(
                """
                qemu-img convert -f raw -O qcow2 -c disk.raw a.qcow2
                qemu-img convert -f raw -O vmdk disk.raw a.vmdk
                qemu-img convert -f raw -O vmdk -o subformat=streamOptimized disk.raw b.vmdk
                qemu-img convert -f raw -O vdi disk.raw a.vdi
                qemu-img convert -f raw -O vhdx disk.raw a.vhdx
                """)
            var digests: Set<Digest> = []
            for name in ["disk.raw", "a.qcow2", "a.vmdk", "b.vmdk", "a.vdi", "a.vhdx"] {
                let imported = try await importing(fixture, name)
                try await expectSame(fixture, imported)
                #expect(imported.guest.system == "Debian GNU/Linux 12 (bookworm)", "\(name)")
                #expect(imported.guest.kernels == ["6.1.0-18-amd64"])
                #expect(imported.guest.notes.isEmpty)
                #expect(imported.guest.packages.map { String(decoding: $0, as: UTF8.self) }?.contains("bash") == true)
                #expect(imported.disk.architecture == imported.guest.architecture)
                #expect(imported.disk.capacity == 24 << 20)
                digests.insert(imported.disk.blob)
            }
            // Whatever it came in: the same disk is the same file.
            #expect(digests.count == 1)
        }
    }

    private static let packages = """
        qemu-img convert -f raw -O vmdk -o subformat=streamOptimized disk.raw box-disk001.vmdk
        cat > box.ovf <<'X'
        <?xml version="1.0"?><!-- <File ovf:href="/etc/passwd"/> -->
        <Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"><References>
        <File ovf:id="file1" ovf:href="box-disk001.vmdk"/></References><DiskSection>
        <Disk ovf:capacity="25165824" ovf:diskId="d" ovf:fileRef="file1" ovf:format="x#streamOptimized"/>
        </DiskSection><VirtualSystem ovf:id="vm"/></Envelope>
        X
        for f in box.ovf box-disk001.vmdk; do echo "SHA256($f)= $(sha256sum < $f | cut -c-64)"; done > box.mf
        tar -cf a.ova box.ovf box.mf box-disk001.vmdk
        echo '{"provider":"virtualbox"}' > metadata.json
        tar -czf virtualbox.box ./metadata.json ./box.ovf ./box-disk001.vmdk
        qemu-img convert -f raw -O qcow2 disk.raw box.img
        echo '{"provider":"libvirt","format":"qcow2","virtual_size":1}' > metadata.json
        tar -czf libvirt.box metadata.json box.img
        echo '{"provider":"libvirt","disks":[{"format":"qcow2","path":"box.img"}]}' > metadata.json
        tar -czf libvirt2.box metadata.json box.img
        echo 'SHA256(box-disk001.vmdk)= '$(sha256sum < box.ovf | cut -c-64) > box.mf
        tar -cf wrong.ova box.ovf box.mf box-disk001.vmdk
        sed s/box-disk001.vmdk/..\\\\/up.vmdk/ box.ovf > out.ovf; tar -cf outside.ova out.ovf box-disk001.vmdk
        sed s/box-disk001.vmdk/other.vmdk/ box.ovf > out.ovf; tar -cf missing.ova out.ovf box-disk001.vmdk
        (echo '<!DOCTYPE x [<!ENTITY a "b">]>'; cat box.ovf) > out.ovf; tar -cf entity.ova out.ovf
        """

    @Test func takesTheDiskOutOfAppliancesAndBoxes() async throws {
        try await Fixture.with { fixture in
            try await fixture.sh(Self.disk)
            try await fixture.sh(Self.packages)
            try await expectSame(fixture, try await importing(fixture, "a.ova", .appliance))
            for name in ["virtualbox.box", "libvirt.box", "libvirt2.box"] {
                try await expectSame(fixture, try await importing(fixture, name, .box))
            }
            let codes: [(String, ErrorCode)] = [
                ("wrong.ova", .checksumMismatch), ("outside.ova", .invalidArchive), ("missing.ova", .invalidArchive),
                ("entity.ova", .invalidArchive),
            ]
            for (name, code) in codes {
                #expect(try await errorCode { _ = try await importing(fixture, name, .appliance) } == code, "\(name)")
            }
        }
    }

    /// What each hostile or broken image is refused as, with a part of the reason.
    private static let refused: [(make: String, DiskFormat, ErrorCode, String)] = [
        (
            "qemu-img create -q -f raw b 1M; qemu-img create -q -f qcow2 -F raw -b b x", .qcow2, .unsupported,
            "difference"
        ),
        (
            "qemu-img create -q -f qcow2 -o data_file=d,data_file_raw=on x 1M", .qcow2, .unsupported,
            "in another file"
        ),
        (
            "qemu-img create -q -f qcow2 --object secret,id=s,data=abc -o encrypt.format=aes,encrypt.key-secret=s x 1M",
            .qcow2, .unsupported, "encrypted"
        ),
        (
            "qemu-img create -q -f qcow2 x 1M; printf '\\177' | dd of=x bs=1 seek=24 conv=notrunc status=none", .qcow2,
            .invalidInput, "nothing here can be"
        ),
        (
            "head -c 3M /dev/urandom > r; qemu-img convert -f raw -O qcow2 r x; truncate -s 500K x", .qcow2,
            .corruptContent, "cut off"
        ),
        (
            "head -c 3M /dev/urandom > r; qemu-img convert -f raw -O vmdk -o subformat=streamOptimized r x; truncate -s 1M x",
            .vmdk, .corruptContent, ""
        ),
        (
            "head -c 3M /dev/urandom > r; qemu-img convert -f raw -O vmdk r x; truncate -s 1M x", .vmdk,
            .corruptContent,
            ""
        ),
        ("qemu-img create -q -f vmdk -o subformat=twoGbMaxExtentSparse x 1M", .vmdk, .unsupported, "other files"),
        ("qemu-img create -q -f vmdk -o subformat=twoGbMaxExtentSparse y 1M; cp y-s001 x", .vmdk, .unsupported, "part"),
        (
            "qemu-img create -q -f vmdk b 1M; qemu-img create -q -f vmdk -F vmdk -b b x", .vmdk, .unsupported,
            "difference"
        ),
        ("qemu-img create -q -f qcow2 x 1M", .raw, .invalidInput, "looks like qcow2"),
        ("head -c 1M /dev/zero > x", .qcow2, .invalidInput, "no mark"),
        ("head -c 1000 /dev/zero > x", .raw, .corruptContent, "cut off"),
        (DiskImportTests.disk + "\ncp disk.raw x; truncate -s 12M x", .raw, .corruptContent, "cut off"),
        (
            "head -c 2M /dev/zero > r; qemu-img convert -f raw -O vdi r x; printf '\\004' | dd of=x bs=1 seek=76 conv=notrunc status=none",
            .vdi, .unsupported, "difference"
        ),
    ]

    @Test func refusesWhatDoesNotStandAloneOrIsDamaged() async throws {
        for (make, format, code, reason) in Self.refused {
            try await Fixture.with { fixture in
                try await fixture.sh(make)
                do {
                    _ = try await importing(fixture, "x", .image(format))
                    Issue.record("taken: \(make)")
                } catch let error as RucheError {
                    #expect(error.code == code, "\(make): \(error.message)")
                    #expect(error.message.contains(reason), "\(make): \(error.message)")
                }
                #expect(try await fixture.store.all().isEmpty)
            }
        }
    }

    @Test func saysWhatItCannotReadAndTakesItAllTheSame() async throws {
        try await Fixture.with { fixture in
            try await fixture.sh(
                """
                truncate -s 8M x; printf 'label: dos\\nstart=2048, size=4096, type=8e\\nstart=8192, type=83\\n' | sfdisk -q x
                printf LABELONE | dd of=x bs=1 seek=$((1048576 + 512)) conv=notrunc status=none
                printf XFSB | dd of=x bs=1 seek=$((8192 * 512)) conv=notrunc status=none
                """)
            let guest = try await importing(fixture, "x").guest
            #expect(guest.system == nil && guest.packages == nil)
            #expect(guest.notes.count == 3)
            #expect(guest.notes[0].contains("LVM") && guest.notes[1].contains("XFS"))
        }
    }

    /// File systems whose tables were written over do not end this process, and take no time.
    @Test func survivesDamagedFileSystems() async throws {
        try await Fixture.with { fixture in
            try await fixture.sh(Self.disk)
            for seed in 0..<12 {
                try await fixture.python(
                    """
                    import random, shutil
                    r = random.Random(\(seed)); shutil.copy('disk.raw', 'x')
                    with open('x', 'r+b') as f:
                        for _ in range(400):
                            f.seek(1048576 + (1024 if \(seed) % 3 == 0 else 4096) + r.randrange(1 << (10 if \(seed) % 3 == 0 else 21)))
                            f.write(bytes([r.randrange(256)]))
                    """)
                _ = try GuestInspection(of: fixture.folder.appending("x"))
            }
        }
    }
}
