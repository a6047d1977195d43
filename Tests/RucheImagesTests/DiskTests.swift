import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheImages

@Suite struct DiskTests {
    private let runner = SystemCommandRunner()

    /// A root of two layers with what a machine's root may hold, and files that stand for a boot loader.
    private func root(_ scratch: FilePath, capacity: ByteCount? = ByteCount(300 << 20)) throws -> MachineRoot {
        let (upper, lower, loader) = (
            scratch.appending("upper"), scratch.appending("lower"), scratch.appending("loader")
        )
        for folder in ["etc", "boot", "usr/bin", "many"] {
            try FileTree.makeFolder(lower.appending(folder), permissions: 0o755)
        }
        for folder in ["etc", "usr/lib/systemd", "var/empty"] {
            try FileTree.makeFolder(upper.appending(folder), permissions: 0o755)
        }
        func write(_ text: String, _ path: FilePath) throws { try AtomicFile.write(Array(text.utf8), to: path) }
        try write("kernel", lower.appending("boot/vmlinuz-1"))
        try write("initrd", lower.appending("boot/initrd-1"))
        try #require(symlink("boot/vmlinuz-1", lower.appending("vmlinuz").string) == 0)
        try #require(symlink("boot/initrd-1", lower.appending("initrd.img").string) == 0)
        try #require(symlink(String(repeating: "long/", count: 40), lower.appending("usr/long").string) == 0)
        try write("old", lower.appending("etc/issue"))
        try write("new", upper.appending("etc/issue"))
        try write("resolved", upper.appending("usr/lib/systemd/systemd-resolved"))
        try AtomicFile.write(
            (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * 7 >> 3) }, to: lower.appending("usr/bin/big"))
        try #require(link(lower.appending("usr/bin/big").string, lower.appending("usr/bin/same").string) == 0)
        try #require(chmod(lower.appending("usr/bin/big").string, 0o4755) == 0)
        try #require(chown(lower.appending("boot/vmlinuz-1").string, 70000, 70001) == 0)
        try #require(mkfifo(lower.appending("usr/pipe").string, 0o600) == 0)
        for index in 0..<400 { try write("", lower.appending("many/file-with-a-rather-long-name-\(index)")) }
        let hole = try FileDescriptor.open(
            lower.appending("usr/hole"), .writeOnly, options: [.create], permissions: [.ownerReadWrite])
        _ = try hole.closeAfter {
            try hole.writeAll(toAbsoluteOffset: 8 << 20, Array("end".utf8))
        }
        try FileTree.makeFolder(loader, permissions: 0o755)
        try AtomicFile.write([UInt8](repeating: 1, count: 512), to: loader.appending("boot.img"))
        try AtomicFile.write([UInt8](repeating: 2, count: 100_000), to: loader.appending("core.img"))
        try AtomicFile.write([UInt8](repeating: 3, count: 200_000), to: loader.appending("BOOTX64.EFI"))
        return MachineRoot(
            folders: [upper, lower], loader: loader, architecture: "amd64", capacity: capacity,
            identity: StreamHasher.digest(of: [1]), hostName: "host", clampTime: 1_600_000_000)
    }

    private func output(_ program: String, _ arguments: [String]) async throws -> String {
        try await runner.runChecked(Command(program, arguments)).output
    }

    @Test func diskHoldsTheFilesAndIsTheSameTwice() async throws {
        try await Scratch.with { scratch in
            let root = try root(scratch)
            let assembler = DiskAssembler(runner: runner)
            let (one, two) = (scratch.appending("one.raw"), scratch.appending("two.raw"))
            #expect(try await assembler.assemble(root, scratch: scratch.appending("work"), to: one).bytes == 300 << 20)
            try await Task.sleep(for: .seconds(1.1))  // times of the build would differ
            _ = try await assembler.assemble(root, scratch: scratch.appending("work"), to: two)
            try await runner.runChecked(Command("cmp", [one.string, two.string]))
            let table = try await output("sfdisk", ["--json", one.string])
            #expect(table.contains("4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"))
            let fs = scratch.appending("root.ext4")
            try await runner.runChecked(
                Command("dd", ["if=\(one)", "of=\(fs)", "bs=1M", "skip=42", "count=257", "conv=sparse", "status=none"]))
            try await runner.runChecked(Command("e2fsck", ["-f", "-n", fs.string]))
            func debugfs(_ request: String) async throws -> String {
                try await output("debugfs", ["-R", request, fs.string])
            }
            #expect(try await debugfs("cat /etc/issue") == "new")
            #expect(try await debugfs("cat /etc/fstab").contains("x-systemd.growfs"))
            #expect(try await debugfs("cat /boot/grub/grub.cfg").contains("linux /vmlinuz root=UUID="))
            #expect(try await debugfs("stat /boot/vmlinuz-1").contains("User: 70000   Group: 70001"))
            let big = try await debugfs("stat /usr/bin/same")
            #expect(big.contains("Links: 2") && big.contains("Mode:  04755") && big.contains("Size: 3000000"))
            #expect(big.contains("mtime: 0x5f5e1000"))
            let hole = try await debugfs("stat /usr/hole")
            #expect(hole.contains("Size: 8388611") && hole.contains("Blockcount: 8"))
            #expect(try await debugfs("stat /etc/resolv.conf").contains("stub-resolv.conf"))
            let copy = scratch.appending("copy")
            _ = try await debugfs("dump /usr/bin/big \(copy)")
            try await runner.runChecked(Command("cmp", [copy.string, scratch.appending("lower/usr/bin/big").string]))
            let system = try await output("mdir", ["-i", "\(one)@@2097152", "-b", "::/EFI/BOOT"])
            #expect(system.contains("BOOTX64.EFI"))
        }
    }

    @Test(arguments: [DiskFormat.qcow2, .vmdk, .vdi, .vhdx])
    func everyFormatHoldsTheSameDiskAndIsTheSameTwice(format: DiskFormat) async throws {
        try await Scratch.with { scratch in
            let raw = scratch.appending("disk.raw")
            _ = try await DiskAssembler(runner: runner).assemble(
                try root(scratch), scratch: scratch.appending("work"), to: raw)
            let converter = DiskConverter(runner: runner)
            let identity = StreamHasher.digest(of: [2])
            var made: [FilePath] = []
            for name in ["a", "b"] {
                let folder = scratch.appending(name)
                try FileTree.makeFolder(folder)
                made.append(
                    try await converter.convert(raw, from: .raw, to: format, in: folder, identity: identity).file)
            }
            try await runner.runChecked(Command("cmp", made.map(\.string)))
            try await runner.runChecked(
                Command("qemu-img", ["compare", "-f", "raw", "-F", format.rawValue, raw.string, made[0].string]))
            if format != .vmdk {
                try await runner.runChecked(Command("qemu-img", ["check", "-f", format.rawValue, made[0].string]))
            }
        }
    }

    /// qemu-img writes the identifier that it chooses without the zeros before it, so that one in sixteen is shorter; and
    /// writes it twice, so that remains of the longer text stand after the shorter one.
    @Test(arguments: ["930bc979", "30bc979", "bc979", "0", "ffffffff"])
    func descriptionOfAVMDKIsTheSameWhateverItsFirstIdentifierWas(digits: String) async throws {
        try await Scratch.with { scratch in
            let (raw, whole) = (scratch.appending("disk.raw"), scratch.appending("disk.vmdk"))
            try AtomicFile.write([UInt8](repeating: 7, count: 1 << 20), to: raw)
            let identity = StreamHasher.digest(of: [3])
            _ = try await DiskConverter(runner: runner).convert(
                raw, from: .raw, to: .vmdk, in: scratch, identity: identity)
            let good = try AtomicFile.read(whole)
            // As qemu-img would have written it with these digits.
            let line = Array("\nCID=".utf8)
            let start = try #require(good.indices.first { good[$0...].starts(with: line) }) + line.count
            let end = try #require(good[start...].firstIndex(of: 10))
            let stop = try #require(good[end...].firstIndex(of: 0))
            var other = good[..<start] + Array(digits.utf8) + good[end..<stop]
            if other.count < stop { other += [0] + good[(other.count + 1)...] } else { other += good[stop...] }
            try AtomicFile.write(Array(other), to: whole)
            try DiskIdentity(whole, identity).set(.vmdk)
            #expect(try AtomicFile.read(whole) == good)
            #expect(String(decoding: good[start..<stop], as: UTF8.self).contains(/^[0-9a-f]{8}\nparentCID=ffffffff\n/))
            try await runner.runChecked(
                Command("qemu-img", ["compare", "-f", "raw", "-F", "vmdk", raw.string, whole.string]))
        }
    }

    @Test func diskThatIsTooSmallIsRefusedAndLeavesNothing() async throws {
        try await Scratch.with { scratch in
            let root = try root(scratch, capacity: ByteCount(100 << 20))
            let disk = scratch.appending("small.raw")
            let error = await #expect(throws: RucheError.self) {
                try await DiskAssembler(runner: runner).assemble(root, scratch: scratch.appending("work"), to: disk)
            }
            #expect(error?.code == .invalidInput)
            #expect(error?.message.contains("machine.disk is 100 MiB") == true)
            #expect(!FileTree.exists(disk))
            #expect(try FileTree.names(in: scratch.appending("work")).isEmpty)
        }
    }

    @Test func rootWithoutKernelIsRefused() async throws {
        try await Scratch.with { scratch in
            let root = try root(scratch)
            unlink(scratch.appending("lower/vmlinuz").string)
            let error = await #expect(throws: RucheError.self) {
                try await DiskAssembler(runner: runner).assemble(
                    root, scratch: scratch.appending("work"), to: scratch.appending("d.raw"))
            }
            #expect(error?.message.contains("no kernel") == true)
        }
    }
}
