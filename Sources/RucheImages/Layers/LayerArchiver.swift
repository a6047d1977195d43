import Glibc
import RucheCore
import RucheHost
package import SystemPackage

/// Writes folders as deterministic, uncompressed tar archives (`MediaType.layerTar`).
///
/// Entries are sorted by bytes, owners are numbers, times are whole seconds not after a given one, hard links
/// stay links, and only the extended attributes that a program needs are kept. Uncompressed on purpose: the diff
/// id is the blob's digest, and no release of a compressor changes it.
package struct LayerArchiver: Sendable {
    /// Also sets the times of the folder's own files to what the archive says, so that a folder given to
    /// `LayerCache.adopt` and one unpacked from the archive are the same for the next step (Python compares the
    /// times of sources). Off for a folder that can't be written.
    package var clampsFolder: Bool

    package init(clampsFolder: Bool = true) { self.clampsFolder = clampsFolder }

    /// Stores `folder`, the upper folder of an overlay or a plain root, as a layer. Modification times after
    /// `clampTime` (seconds since 1970) become that. Throws `disk_full`, and `unsupported` for an overlay that
    /// was mounted with redirects.
    package func write(folder: FilePath, clampTime: Int64, to store: any ContentStore) async throws -> StoredBlob {
        let writer = try await store.writer()
        do {
            try await write([folder], .layer, clampTime, clampsFolder) { try await writer.write($0) }
            return try await writer.commit(expected: nil)
        } catch {
            await writer.abandon()
            throw error
        }
    }

    /// Writes what a container over `folders` (layers, topmost first) would see. The folders stay as they are.
    package func writeMerged(
        _ folders: [FilePath], clampTime: Int64 = .max, to output: ([UInt8]) async throws -> Void
    ) async throws {
        try await write(folders, .merged, clampTime, false, to: output)
    }

    /// The same into a new file at `path`, synced. Throws when there is a file already.
    package func writeMerged(
        _ folders: [FilePath], clampTime: Int64 = .max, to path: FilePath,
        permissions: FilePermissions = .ownerReadWrite
    ) async throws {
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow], permissions: permissions)
        do {
            try await writeMerged(folders, clampTime: clampTime) { try file.writeAll($0) }
            try file.sync()
        } catch {
            try? file.close()  // the error above is the one to report
            throw error
        }
        try file.close()
    }

    private func write(
        _ folders: [FilePath], _ mode: LayerWalk.Mode, _ clampTime: Int64, _ clampsFolder: Bool,
        to output: ([UInt8]) async throws -> Void
    ) async throws {
        var roots: [Int32] = []
        defer { for root in roots { close(root) } }
        for folder in folders {
            let descriptor = open(folder.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw RucheError.storage(Errno(rawValue: errno), "read", folder) }
            roots.append(descriptor)
        }
        do {
            var walk = LayerWalk(mode: mode, clampTime: clampTime, clampsFolder: clampsFolder)
            try walk.list(roots)
            let sink = OutputBuffer()
            for item in walk.items { try await write(item, roots, sink, output) }
            sink.append(TarEncoder.end)
            try await sink.flush(output)
        } catch let error as Errno {
            throw RucheError.storage(error, "archive", folders.first ?? FilePath("."))
        }
    }

    private func write(
        _ item: LayerWalk.Item, _ roots: [Int32], _ sink: OutputBuffer, _ output: ([UInt8]) async throws -> Void
    ) async throws {
        try Task.checkCancellation()
        var entry = item.entry
        // Markers have no file of their own: they are the only regular entries without any permission and size
        // that are not opened.
        guard entry.kind == .regular, !isMarker(entry) else {
            sink.append(TarEncoder.header(entry))
            if sink.isFull { try await sink.flush(output) }
            return
        }
        let descriptor = withName(entry.path) {
            openat(roots[item.layer], $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        }
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        defer { close(descriptor) }
        try ExtendedAttributes.refuseRedirect(descriptor, path: entry.path)
        entry.attributes = try ExtendedAttributes.kept(descriptor)
        sink.append(TarEncoder.header(entry))
        var rest = entry.size
        while rest > 0 {
            if sink.isFull { try await sink.flush(output) }
            let count = try sink.read(descriptor, limit: rest)
            guard count > 0 else {
                throw RucheError(.conflict, "\"\(entry.name)\" became shorter while it was read")
            }
            rest -= Int64(count)
        }
        sink.append([UInt8](repeating: 0, count: TarEncoder.padding(after: entry.size)))
        if sink.isFull { try await sink.flush(output) }
    }

    private func isMarker(_ entry: ArchiveEntry) -> Bool {
        guard entry.size == 0, entry.permissions == 0 else { return false }
        let start = entry.path.lastIndex(of: 47).map { $0 + 1 } ?? 0
        return entry.path[start...].starts(with: Whiteout.prefix)
    }
}
