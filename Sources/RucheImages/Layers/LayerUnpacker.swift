import Glibc
package import RucheCore
package import RucheHost
package import SystemPackage

/// Unpacks one layer into a fresh folder, as overlayfs wants its lower layers: whiteouts become character
/// devices 0/0, opaque folders get `trusted.overlay.opaque`.
///
/// The archive is hostile: nothing outside the folder is ever touched, whatever its paths and links say.
package struct LayerUnpacker: Sendable {
    package enum Whiteouts: Sendable {
        /// An OCI layer.
        case overlay
        /// A whole root: an entry named `.wh.…` is refused.
        case refused
    }

    package var limits: ArchiveLimits
    package var whiteouts: Whiteouts
    /// The folder of the archive that is unpacked, in parts; what lies beside it is left out.
    package var root: [[UInt8]] = []
    /// Whether character and block devices are left out: an engine makes those that a container has.
    package var dropsDevices = false
    /// A file below the root that everybody may run, whatever the archive says.
    package var program: [[UInt8]]?

    package init(limits: ArchiveLimits = ArchiveLimits(), whiteouts: Whiteouts = .overlay) {
        self.limits = limits
        self.whiteouts = whiteouts
    }

    /// Unpacks `archive` into the empty folder `folder`, and returns the digest of the decompressed archive.
    /// Throws `invalid_archive` that names the entry, and `disk_full`; what is in the folder is then to be removed.
    package func unpack(
        _ archive: FilePath, compressions: [Compression] = Compression.allCases, into folder: FilePath
    ) async throws -> Digest {
        let hashing = HashingTap()
        let reader = try ArchiveReader(archive, compressions: compressions, limits: limits) { hashing.update($0) }
        do {
            let tree = try LayerTree(folder)
            while let entry = try reader.next() {
                try Task.checkCancellation()
                do {
                    try add(entry, reader, tree)
                } catch let error as Errno {
                    throw Self.failure(error, entry, folder)
                }
            }
            try tree.finish()
        } catch let error as Errno {
            throw RucheError.storage(error, "unpack a layer into", folder)
        }
        try reader.drain()
        return hashing.finish()
    }

    private func add(_ entry: ArchiveEntry, _ reader: ArchiveReader, _ tree: LayerTree) throws {
        guard let path = inside(try SafePath.components(entry.path)) else { return }
        guard let name = path.last else {
            // The root itself: its owner and mode are the same for every layer.
            guard entry.kind == .folder else { throw Errno.isDirectory }
            return
        }
        if name.starts(with: Whiteout.prefix) {
            guard whiteouts == .overlay else {
                throw RucheError(
                    .invalidArchive, "\"\(entry.name)\" is a layer's mark of a removed file, which a root can't hold")
            }
            return try tree.whiteOut(path)
        }
        switch entry.kind {
        case .folder: try tree.addFolder(entry, at: path)
        case .regular:
            var entry = entry
            if path == program { entry.permissions |= 0o555 }
            try tree.addFile(entry, at: path, from: reader)
        case .symbolicLink: try tree.addSymbolicLink(entry, at: path)
        case .hardLink:
            guard let target = inside(try SafePath.components(entry.link)) else {
                throw RucheError(.invalidArchive, "\"\(entry.name)\" is a hard link out of the root")
            }
            try tree.addHardLink(entry, at: path, to: target)
        case .characterDevice where dropsDevices, .blockDevice where dropsDevices: break
        case .fifo, .characterDevice, .blockDevice: try tree.addNode(entry, at: path)
        case .socket: break
        }
    }

    private func inside(_ path: [[UInt8]]) -> [[UInt8]]? {
        path.starts(with: root) ? Array(path.dropFirst(root.count)) : nil
    }

    private static func failure(_ error: Errno, _ entry: ArchiveEntry, _ folder: FilePath) -> RucheError {
        switch error {
        case .noSpace, .diskQuotaExceeded, .ioError, .permissionDenied, .notPermitted, .readOnlyFileSystem:
            return .storage(error, "unpack \"\(entry.name)\" into", folder)
        case .tooManySymbolicLinkLevels, .notDirectory:
            return RucheError(
                .invalidArchive, "\"\(entry.name)\" goes through something that is no folder of the layer")
        default:
            return RucheError(.invalidArchive, "\"\(entry.name)\" can't be unpacked: \(error)", cause: error)
        }
    }
}

/// A hasher that a closure can share.
final class HashingTap {
    private var hasher = StreamHasher()
    func update(_ bytes: UnsafeRawBufferPointer) { hasher.update(bytes) }
    func finish() -> Digest { hasher.finish() }
}

/// Paths of archive entries, taken apart.
enum SafePath {
    /// The components without `.` and empty ones; a leading slash counts for nothing, as in tar.
    /// Throws `invalid_archive` for `..`.
    static func components(_ path: [UInt8]) throws -> [[UInt8]] {
        let parts = path.split(separator: 47).map(Array.init).filter { $0 != [46] }
        if parts.contains([46, 46]) {
            throw RucheError(
                .invalidArchive, "\"\(String(decoding: path, as: UTF8.self))\" leaves the archive through \"..\"")
        }
        return parts
    }

    /// The path as one text, in the form in which paths are compared.
    static func text(_ path: [UInt8]) throws -> String {
        String(decoding: Array(try components(path).joined(separator: [47])), as: UTF8.self)
    }
}
