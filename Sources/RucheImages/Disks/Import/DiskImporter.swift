package import RucheCore
package import RucheHost
package import SystemPackage

/// Brings a disk that a stranger made into the store: checked, as one qcow2 that stands alone, with what is in it.
package struct DiskImporter: Sendable {
    /// What the file is: a disk image, or an archive with one in it.
    package enum Kind: Hashable, Sendable {
        case image(DiskFormat)
        case appliance, box
    }

    package typealias Progress = @Sendable (_ done: Double) -> Void

    package struct Imported: Sendable {
        package var disk: DiskVariant
        package var guest: GuestInspection
    }

    private let store: any ContentStore
    private let runner: any CommandRunning

    package init(store: any ContentStore, runner: any CommandRunning) {
        self.store = store
        self.runner = runner
    }

    /// The format by the marks of the file; nil for none of these.
    package static func kind(of path: FilePath) throws -> Kind? {
        try DiskHeader.format(of: path).map { .image($0) }
    }

    /// The same for a file that may also be an archive with a disk in it.
    package static func kind(ofFileOrArchive path: FilePath) throws -> Kind? {
        if let kind = try kind(of: path) { return kind }
        do {
            let reader = try ArchiveReader(path, limits: PackageEntryCheck.limits)
            while let entry = try reader.next() {
                if let kind = kind(ofArchiveWith: String(decoding: entry.path, as: UTF8.self)) { return kind }
            }
            return nil
        } catch let error as RucheError where error.code == .invalidArchive {
            return nil
        }
    }

    /// What an archive is that has this entry; nil where that tells nothing.
    package static func kind(ofArchiveWith entry: String) -> Kind? {
        let name = entry.hasPrefix("./") ? String(entry.dropFirst(2)) : entry
        if name == "box.ovf" || name == "metadata.json" { return .box }
        return name.hasSuffix(".ovf") && !name.contains("/") ? .appliance : nil
    }

    /// Takes the file, and works in a folder beside it which goes at the end. `architecture` is for a disk that does
    /// not tell its own. Throws `unsupported`, `invalid_archive`, `invalid_input` or `corrupt_content` for what can't
    /// be taken, before anything is stored.
    @concurrent package func importDisk(
        _ path: FilePath, _ kind: Kind, architecture: String, _ progress: @escaping Progress
    ) async throws -> Imported {
        try Tool.require(.qemuImage)
        let folder = path.removingLastComponent().appending("disk")
        guard try FileTree.makeNewFolder(folder, permissions: 0o700) else { throw Errno.fileExists }
        do {
            let result = try await importDisk(path, kind, architecture, in: folder, progress)
            try FileTree.remove(folder)
            return result
        } catch {
            try? FileTree.remove(folder)  // the error is the one to report
            guard let error = error as? Errno else { throw error }
            throw RucheError.storage(error, "import", path)
        }
    }

    /// Takes the disk out of a box of the store. Works in `folder`; nothing is left there.
    package func importBox(_ box: Digest, architecture: String, in folder: FilePath) async throws -> DiskVariant {
        try await TemporaryDirectory.with(in: folder, prefix: "box") { folder in
            let file = folder.appending("file")
            try await copy(box, to: file)
            return try await importDisk(file, .box, architecture: architecture) { _ in }.disk
        }
    }

    private func importDisk(
        _ path: FilePath, _ kind: Kind, _ architecture: String, in folder: FilePath,
        _ progress: @escaping Progress
    ) async throws -> Imported {
        let (raw, capacity) = try await open(path, kind, in: folder, progress)
        progress(0.5)
        let guest = try GuestInspection(of: raw)
        // A qcow2 has no identifier of its own.
        let image = try await DiskConverter(runner: runner).convert(
            raw, from: .raw, to: .qcow2, in: folder, identity: StreamHasher.digest(of: [])
        ) { progress(0.5 + 0.4 * $0) }
        let blob = try await store.take(image)
        progress(1)
        let disk = DiskVariant(
            format: .qcow2, architecture: guest.architecture ?? architecture, blob: blob.digest, size: blob.size.bytes,
            capacity: capacity)
        return Imported(disk: disk, guest: guest)
    }

    /// The disk as a raw file in `folder`, which is of this process alone, and its bytes as a guest sees it. Takes the
    /// file, as `importDisk` does.
    func open(
        _ path: FilePath, _ kind: Kind, in folder: FilePath, _ progress: @escaping Progress
    ) async throws -> (raw: FilePath, capacity: Int64) {
        let (source, raw) = (folder.appending("source"), folder.appending("raw"))
        let format = try takeSource(path, kind, to: source)
        progress(0.1)
        try DiskHeader.check(source, as: format)
        let tool = HostileDisk(runner: runner, folder: folder)
        let capacity = try await examine(tool, source, format)
        if format == .raw {
            try AtomicFile.rename(source, to: raw)
        } else {
            try await tool.unpack("source", format, to: "raw", capacity: capacity) { progress(0.1 + 0.4 * $0) }
            try FileTree.remove(source)
        }
        for path in [folder, raw] { try Command.takeFromNobody(path) }
        // From here on with this process's own rights: nobody's folder could hold a link to anything.
        guard case .regular = try FileTree.kind(raw) else {
            throw RucheError(.corruptContent, "the image can't be read as \(format.rawValue): no disk came of it")
        }
        return (raw, capacity)
    }

    /// A file of one's own of a blob.
    func copy(_ blob: Digest, to file: FilePath) async throws {
        try await store.withFile(blob) { source in
            do {
                try await runner.runChecked(
                    Command("cp", ["--reflink=auto", "--sparse=always", "--", source.string, file.string]))
            } catch let failure as ProcessFailure {
                throw failure.error("the disk can't be copied", writingTo: file.removingLastComponent())
            }
        }
    }

    /// Puts the disk at `source`, where it belongs to nobody.
    private func takeSource(_ path: FilePath, _ kind: Kind, to source: FilePath) throws -> DiskFormat {
        var said: DiskFormat?
        switch kind {
        case .image(let format):
            try AtomicFile.rename(path, to: source)
            said = format
        case .appliance, .box:
            let package = try kind == .box ? DiskPackage(box: path) : DiskPackage(appliance: path)
            try package.extract(to: source)
            try FileTree.remove(path)
            said = package.format
        }
        for path in [source, source.removingLastComponent()] { try Command.giveToNobody(path) }
        if let said { return said }
        guard let found = try DiskHeader.format(of: source) else {
            throw RucheError(.unsupported, "the disk in the archive is of no format that is read")
        }
        return found
    }

    /// The bytes of the disk as a guest sees it.
    private func examine(_ tool: HostileDisk, _ source: FilePath, _ format: DiskFormat) async throws -> Int64 {
        let info = try await tool.info("source", format)
        // Once more what the head was asked already: qemu-img may read it in another way.
        let data = info.specific?.data
        guard info.backing == nil, info.encrypted != true, data?.dataFile == nil, data?.corrupt != true else {
            throw RucheError(.unsupported, "the image does not stand alone, is encrypted, or is marked as damaged")
        }
        try DiskHeader.checkCapacity(UInt64(max(0, info.capacity)))
        try await tool.check("source", format)
        return info.capacity
    }
}
