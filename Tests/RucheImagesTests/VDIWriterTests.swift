import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheImages

/// Disks for VirtualBox that are written without qemu-img, beside those that it writes.
@Suite struct VDIWriterTests {
    private let runner = SystemCommandRunner()
    private let identity = StreamHasher.digest(of: [5])

    /// A disk with data at its start, its end and on both sides of where the second table of tables begins, some of it
    /// hard to compress, and of no whole number of blocks.
    private func disk(_ scratch: FilePath) throws -> FilePath {
        let path = scratch.appending("disk.raw")
        let file = try FileDescriptor.open(
            path, .readWrite, options: [.create, .exclusiveCreate], permissions: [.ownerReadWrite])
        try file.closeAfter {
            var generator = SystemRandomNumberGenerator()
            let noise = (0..<150_000).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let text = [UInt8](repeating: 7, count: 3 << 20)
            let end: Int64 = 900 << 20 + 4096 + 512
            for (offset, bytes) in [(0, text), (70 << 20, noise), (512 << 20 - 70_000, noise), (end - 512, [1])] {
                try file.writeAll(toAbsoluteOffset: Int64(offset), bytes)
            }
            try file.resize(to: end, retryOnInterrupt: true)
        }
        return path
    }

    private func image(_ arguments: String...) async throws {
        try await runner.runChecked(Command("qemu-img", arguments))
    }

    private func convert(_ path: FilePath, _ format: DiskFormat, _ folder: FilePath) async throws -> DiskConverter.Image
    {
        try FileTree.makeFolder(folder)
        return try await DiskConverter(runner: runner).convert(
            path, from: format, to: .vdi, in: folder, identity: identity)
    }

    @Test(arguments: [
        "compat=1.1,compression_type=zstd", "compat=1.1,compression_type=zstd,cluster_size=4k",
        "compat=1.1,compression_type=zstd,cluster_size=1M", "compat=1.1,compression_type=zlib", "compat=0.10",
    ])
    func sameBytesAsByQEMU(form: String) async throws {
        try await Scratch.with { scratch in
            let raw = try disk(scratch)
            let other = try await convert(raw, .raw, scratch.appending("other"))
            for compression in [["-c"], []] {
                let path = scratch.appending("disk\(compression.count).qcow2")
                let arguments = ["convert"] + compression + ["-f", "raw", "-O", "qcow2", "-o", form]
                try await runner.runChecked(Command("qemu-img", arguments + [raw.string, path.string]))
                let made = try await convert(path, .qcow2, scratch.appending("made\(compression.count)"))
                try await runner.runChecked(Command("cmp", [other.file.string, made.file.string]))
                try await image("check", "-f", "vdi", made.file.string)
                let store = try FileContentStore(folder: scratch.appending("store\(compression.count)"))
                let sum = try await runner.runChecked(Command("sha256sum", [made.file.string])).output.prefix(64)
                let blob = try await store.take(made)
                #expect(blob.digest.hex == sum)
                #expect(try await store.size(of: blob.digest) == blob.size)
            }
        }
    }

    @Test func emptyDiskHasAHeadAlone() async throws {
        try await Scratch.with { scratch in
            let path = scratch.appending("empty.qcow2")
            try await image("create", "-q", "-f", "qcow2", "-o", "compression_type=zstd", path.string, "40G")
            let made = try await convert(path, .qcow2, scratch.appending("made"))
            #expect(try FileTree.size(made.file) == 512 + 40 * 1024 * 4)
            try await image("compare", "-f", "qcow2", "-F", "vdi", path.string, made.file.string)
        }
    }

    /// qemu-img does not write such, and reads them.
    @Test func clusterOfSeveralFramesIsRead() async throws {
        try await Scratch.with { scratch in
            let raw = try disk(scratch)
            let path = scratch.appending("disk.qcow2")
            try await image(
                "convert", "-c", "-f", "raw", "-O", "qcow2", "-o", "compression_type=zstd", raw.string, path.string)
            for (name, count) in [("one", 40_000), ("two", (1 << 16) - 40_000)] {
                try AtomicFile.write([UInt8](repeating: 7, count: count), to: scratch.appending(name))
            }
            try await runner.runChecked(
                Command("sh", ["-ec", "zstd -q one two; cat one.zst two.zst > frames"], workingDirectory: scratch))
            let frames = try AtomicFile.read(scratch.appending("frames"))
            // At the end of the file, which the first cluster's entry is led to.
            let file = try FileDescriptor.open(path, .readWrite)
            try file.closeAfter {
                let place = (try file.seek(offset: 0, from: .end) + 511) / 512 * 512
                try file.writeAll(toAbsoluteOffset: place, frames + [UInt8](repeating: 0, count: 512 - frames.count))
                let entry = UInt64(1) << 62 | UInt64(place)
                try file.writeAll(
                    toAbsoluteOffset: 4 << 16, (0..<8).map { UInt8(truncatingIfNeeded: entry >> (56 - 8 * $0)) })
            }
            let made = try await convert(path, .qcow2, scratch.appending("made"))
            try await image("compare", "-f", "raw", "-F", "vdi", raw.string, made.file.string)
        }
    }

    @Test func damagedDiskLeavesNothing() async throws {
        try await Scratch.with { scratch in
            let raw = try disk(scratch)
            let whole = scratch.appending("disk.qcow2")
            try await image(
                "convert", "-c", "-f", "raw", "-O", "qcow2", "-o", "compression_type=zstd", raw.string, whole.string)
            let bytes = try AtomicFile.read(whole)
            // Where the data of the first cluster is: behind five of tables.
            let place = 5 << 16
            try #require(Array(bytes[place..<(place + 4)]) == [0x28, 0xb5, 0x2f, 0xfd])
            var torn = bytes
            for index in place..<(place + 8) { torn[index] = 0xff }
            // The first table is at the third cluster, the second at the fourth; the lowest byte of a place is the last.
            var (first, second, root) = (bytes, bytes, bytes)
            first[3 << 16 | 6] ^= 2
            (second[4 << 16], second[4 << 16 | 6]) = (0, second[4 << 16 | 6] ^ 2)
            root[46] ^= 0x10
            let plain = scratch.appending("plain.qcow2")
            try await image(
                "convert", "-f", "raw", "-O", "qcow2", "-o", "compression_type=zstd", raw.string, plain.string)
            let cut = Array(try AtomicFile.read(plain).prefix(5 << 16))
            let damages = [
                Array(bytes.prefix(place + 5)), Array(bytes.prefix(1 << 16)), torn, first, second, root, cut,
            ]
            for (number, damage) in damages.enumerated() {
                let path = scratch.appending("damaged\(number)")
                try AtomicFile.write(damage, to: path)
                await #expect(throws: (any Error).self, "\(number)") {
                    try await convert(path, .qcow2, scratch.appending("made"))
                }
                #expect(try FileTree.names(in: scratch.appending("made")) == [], "\(number)")
            }
        }
    }

    /// Of a release that somebody else made, say: its qcow2 would bring a file of this machine into what is made of it.
    @Test(arguments: DiskFormat.allCases)
    func diskThatNamesAnotherFileIsRefused(format: DiskFormat) async throws {
        try await Scratch.with { scratch in
            let (secret, path) = (scratch.appending("secret"), scratch.appending("disk.qcow2"))
            try AtomicFile.write([UInt8](repeating: 1, count: 1 << 16), to: secret)
            try await image("create", "-q", "-f", "qcow2", "-b", secret.string, "-F", "raw", path.string)
            let error = await #expect(throws: RucheError.self) {
                try await DiskConverter(runner: runner).convert(
                    path, from: .qcow2, to: format, in: scratch, identity: identity)
            }
            #expect(error?.code == .unsupported && error?.message.contains("another file") == true)
            #expect(try FileTree.names(in: scratch).sorted() == ["disk.qcow2", "secret"])
        }
    }
}
