import Glibc
package import RucheCore
package import RucheHost
package import SystemPackage

/// Makes the disk of a machine from layers, without starting or mounting anything. The same input gives the same bytes.
package struct DiskAssembler: Sendable {
    private let runner: any CommandRunning

    package init(runner: any CommandRunning) { self.runner = runner }

    /// Writes a raw image to `disk`, which must not be there, with `scratch` for small files. Returns its size in
    /// bytes. What is unfinished is removed when it throws: `invalid_input` for a disk that is too small,
    /// `build_failed` without a kernel, `missing_tool`, `disk_full`.
    package func assemble(_ root: MachineRoot, scratch: FilePath, to disk: FilePath) async throws -> ByteCount {
        try Tool.require(.sfdisk, .mformat, .mcopy, .mke2fs)
        do {
            return try await TemporaryDirectory.with(in: scratch, prefix: "disk") { work in
                try await assemble(root, work, to: disk)
            }
        } catch {
            unlink(disk.string)
            throw (error as? Errno).map { RucheError.storage($0, "write", disk) } ?? error
        }
    }

    private func assemble(_ root: MachineRoot, _ work: FilePath, to disk: FilePath) async throws -> ByteCount {
        let items = try Self.list(root.folders, root.clampTime)
        let layout = DiskLayout(
            capacity: try DiskSize.choose(root.capacity, content: DiskSize.content(items)), identity: root.identity)
        try MachineFiles(root: root, layout: layout).write(to: work, items: items)
        try Self.make(disk, layout.capacity)
        try await run(
            "sfdisk", ["--quiet", "--no-reread", "--no-tell-kernel", disk.string], disk, input: layout.script)
        try await SystemPartition(layout: layout, runner: runner, time: root.clampTime)
            .write(from: root.loader, architecture: root.architecture, to: disk)
        try BootLoader(folder: root.loader, layout: layout).install(on: disk)
        try await fill(disk, layout, [work] + root.folders, root.clampTime)
        return ByteCount(layout.capacity)
    }

    private func fill(_ disk: FilePath, _ layout: DiskLayout, _ folders: [FilePath], _ clampTime: Int64) async throws {
        let roots = try Self.open(folders)
        defer { for root in roots { close(root) } }
        var walk = LayerWalk(mode: .merged, clampTime: clampTime, clampsFolder: false)
        try walk.list(roots)
        let blocks = layout.rootSize / 4096
        let inodes = max(blocks / 4, Int64(walk.items.count) * 3 / 2 + 1024)
        try await format(disk, layout, blocks: blocks, inodes: inodes, time: clampTime)
        let files = try Ext4FileSystem(disk: disk, offset: layout.rootOffset, time: clampTime)
        var writer = Ext4Writer(files, roots: roots)
        try writer.write(walk.items)
        try files.close()
    }

    /// Features are named here, so that no machine's own configuration changes the result.
    private func format(_ disk: FilePath, _ layout: DiskLayout, blocks: Int64, inodes: Int64, time: Int64) async throws
    {
        let features = [
            "none", "has_journal", "ext_attr", "resize_inode", "dir_index", "filetype", "extent", "64bit", "flex_bg",
            "sparse_super", "large_file", "huge_file", "dir_nlink", "extra_isize", "metadata_csum",
        ]
        let options = [
            "offset=\(layout.rootOffset)", "hash_seed=\(layout.uuid("hash"))", "lazy_itable_init=1",
            "lazy_journal_init=1", "assume_storage_prezeroed=1", "nodiscard", "root_owner=0:0",
        ]
        try await run(
            "mke2fs",
            [
                "-q", "-F", "-t", "ext4", "-b", "4096", "-I", "256", "-m", "1", "-L", "ruche", "-U",
                layout.uuid("root"),
                "-N", String(inodes), "-O", features.joined(separator: ","), "-E", options.joined(separator: ","),
                disk.string, String(blocks),
            ], disk,
            environment: [
                "E2FSPROGS_FAKE_TIME": String(max(1, time)), "MKE2FS_CONFIG": "/dev/null",
                "MKE2FS_DEVICE_SECTSIZE": "512",
            ])
    }

    private func run(
        _ program: String, _ arguments: [String], _ disk: FilePath, environment: [String: String] = [:],
        input: String? = nil
    ) async throws {
        var command = Command(program, arguments, environment: environment)
        if let input { command.input = .bytes(Array(input.utf8)) }
        do { try await runner.runChecked(command) } catch let failure as ProcessFailure {
            throw failure.error("the disk can't be made", writingTo: disk.removingLastComponent())
        }
    }

    private static func list(_ folders: [FilePath], _ clampTime: Int64) throws -> [LayerWalk.Item] {
        let roots = try open(folders)
        defer { for root in roots { close(root) } }
        var walk = LayerWalk(mode: .merged, clampTime: clampTime, clampsFolder: false)
        try walk.list(roots)
        return walk.items
    }

    private static func open(_ folders: [FilePath]) throws -> [Int32] {
        var roots: [Int32] = []
        for folder in folders {
            let descriptor = Glibc.open(folder.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else {
                let error = Errno(rawValue: errno)
                for root in roots { close(root) }
                throw RucheError.storage(error, "read", folder)
            }
            roots.append(descriptor)
        }
        return roots
    }

    private static func make(_ disk: FilePath, _ capacity: Int64) throws {
        let file = try FileDescriptor.open(
            disk, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite])
        try file.closeAfter {
            guard ftruncate(file.rawValue, off_t(capacity)) == 0 else { throw Errno(rawValue: errno) }
        }
    }
}
