import Glibc
package import RucheCore
package import SystemPackage

/// A package as a zip, a tar, or a folder, looked over whole before anything of it is used.
package struct PackageArchive: Sendable {
    /// What lies in it.
    package enum Layout: Hashable, Sendable {
        /// `manifest.json` in this folder of the archive (empty for its root).
        case manifest(folder: String)
        /// The unified tarball of an LXD image.
        case lxdImage
        /// An OCI archive.
        case ociArchive
    }

    private enum Source: Sendable {
        case zip, tar, folder
    }

    package let path: FilePath
    package let layout: Layout
    package let contents: PackageContents
    private let source: Source

    /// Throws `invalid_archive` for a hostile archive and for one that is no package, `not_found`.
    package init(_ path: FilePath) throws {
        self.path = path
        source = try Self.source(path)
        var files: Set<String> = []
        let rootFault = try Self.walk(path, source) { file, entry, _ in
            if entry.kind == .regular || entry.kind == .symbolicLink || entry.kind == .hardLink { files.insert(file) }
        }
        layout = try Self.layout(of: files, path)
        if let rootFault, layout != .lxdImage { throw rootFault }
        guard case .manifest(let folder) = layout, !folder.isEmpty else {
            contents = PackageContents(files: files)
            return
        }
        let prefix = folder + "/"
        contents = PackageContents(
            files: Set(files.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }))
    }

    /// The manifest's name in the archive.
    package var manifestPath: String {
        guard case .manifest(let folder) = layout else { return "metadata.yaml" }
        return folder.isEmpty ? PackageContents.manifestName : folder + "/" + PackageContents.manifestName
    }

    /// Small files of the package by their paths in it. What is over `limit` bytes is left out and named.
    package func read(
        _ wanted: Set<String>, limit: Int
    ) throws -> (files: [String: [UInt8]], tooLarge: [String]) {
        var result: [String: [UInt8]] = [:]
        var tooLarge: [String] = []
        _ = try Self.walk(path, source) { file, entry, content in
            guard let name = inside(file), wanted.contains(name), entry.kind == .regular else { return }
            guard entry.size <= limit, let bytes = try? content(limit) else { return tooLarge.append(name) }
            result[name] = bytes
        }
        return (result, tooLarge)
    }

    /// A path of the archive as one of the package; nil when it lies beside the package's folder.
    func inside(_ file: String) -> String? {
        guard case .manifest(let folder) = layout, !folder.isEmpty else { return file }
        let prefix = folder + "/"
        return file.hasPrefix(prefix) ? String(file.dropFirst(prefix.count)) : nil
    }

    /// Writes the package's files below a new folder (mode 0700). Links come last, so that nothing is written
    /// through one.
    package func extract(to folder: FilePath) throws {
        try FileTree.makeFolder(folder, permissions: 0o700)
        var links: [(path: FilePath, target: String)] = []
        let limits = PackageEntryCheck.limits
        var total: Int64 = 0
        try Self.entries(path, source) { entry, file, block in
            guard let name = inside(file) else { return }
            let place = folder.appending(FilePath(name).components)
            switch entry.kind {
            case .folder: try FileTree.makeFolder(place)
            case .symbolicLink: links.append((place, String(decoding: entry.link, as: UTF8.self)))
            case .regular:
                try FileTree.makeFolder(place.removingLastComponent())
                let mode = entry.permissions & 0o777 == 0 ? 0o644 : entry.permissions & 0o755 | 0o600
                let output = try FileDescriptor.open(
                    place, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                    permissions: FilePermissions(rawValue: CModeT(mode)))
                try output.closeAfter {
                    while let (offset, bytes) = try block() {
                        total += Int64(bytes.count)
                        guard offset + Int64(bytes.count) <= entry.size, total <= limits.bytes else {
                            throw PackageEntryCheck.refusal(entry, "holds more than the size it states")
                        }
                        _ = try output.writeAll(toAbsoluteOffset: offset, bytes)
                    }
                }
            default: throw PackageEntryCheck.refusal(entry, "is neither a file, a folder nor a symbolic link")
            }
        }
        for link in links {
            try FileTree.makeFolder(link.path.removingLastComponent())
            guard symlink(link.target, link.path.string) == 0 else { throw Errno(rawValue: errno) }
        }
    }
}

extension PackageArchive {
    private typealias Block = () throws -> (offset: Int64, bytes: UnsafeRawBufferPointer)?

    private static func source(_ path: FilePath) throws -> Source {
        do {
            if try FileTree.kind(path) == .folder { return .folder }
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
            return try file.closeAfter {
                var magic = [UInt8](repeating: 0, count: 4)
                let count = try magic.withUnsafeMutableBytes { try file.read(into: $0) }
                return count == 4 && magic[0] == 80 && magic[1] == 75 && magic[2] < 9 && magic[3] < 9 ? .zip : .tar
            }
        } catch let error as Errno {
            throw error == .noSuchFileOrDirectory
                ? RucheError(.notFound, "there is no file \"\(path)\"") : RucheError.storage(error, "read", path)
        }
    }

    /// Every entry that is accepted, with a way to its content; returns the fault of an LXD image's root.
    private static func walk(
        _ path: FilePath, _ source: Source,
        _ body: (String, ArchiveEntry, _ content: (Int) throws -> [UInt8]) throws -> Void
    ) throws -> RucheError? {
        if source == .folder {
            try walkFolder(path, prefix: "", body)
            return nil
        }
        var check = PackageEntryCheck(archiveSize: try size(path))
        let reader = try reader(path, source)
        while let entry = try reader.next() {
            try Task.checkCancellation()
            guard let file = try check.accept(entry), !file.hasPrefix("__MACOSX/") else { continue }
            try body(file, entry) { try reader.content(limit: $0) }
        }
        return check.rootFault
    }

    /// The same for those who write what they read, block by block.
    private static func entries(
        _ path: FilePath, _ source: Source, _ body: (ArchiveEntry, String, Block) throws -> Void
    ) throws {
        if source == .folder { throw RucheError(.unsupported, "\"\(path)\" is a folder: pack it first") }
        var check = PackageEntryCheck(archiveSize: try size(path))
        let reader = try reader(path, source)
        while let entry = try reader.next() {
            try Task.checkCancellation()
            guard let file = try check.accept(entry), !file.hasPrefix("__MACOSX/") else { continue }
            try body(entry, file) { try reader.nextBlock() }
        }
    }

    private static func reader(_ path: FilePath, _ source: Source) throws -> ArchiveReader {
        source == .zip
            ? try ArchiveReader(zip: path, limits: PackageEntryCheck.limits)
            : try ArchiveReader(path, limits: PackageEntryCheck.limits)
    }

    private static func size(_ path: FilePath) throws -> Int64 {
        guard case .regular(let size) = try FileTree.kind(path) else { return 0 }
        return size
    }

    private static func walkFolder(
        _ folder: FilePath, prefix: String,
        _ body: (String, ArchiveEntry, (Int) throws -> [UInt8]) throws -> Void
    ) throws {
        for name in try FileTree.names(in: folder) {
            let (path, file) = (folder.appending(name), prefix + name)
            switch try FileTree.kind(path) {
            case .folder: try walkFolder(path, prefix: file + "/", body)
            case .regular(let size):
                let entry = ArchiveEntry(path: Array(file.utf8), kind: .regular, permissions: 0o644, size: size)
                try body(file, entry) { try AtomicFile.read(path, limit: $0) }
            case .other: continue
            }
        }
    }

    /// The manifest that lies highest is the package's; upstream took the first of whatever depth.
    private static func layout(of files: Set<String>, _ path: FilePath) throws -> Layout {
        if files.contains("oci-layout"), files.contains("index.json") { return .ociArchive }
        if files.contains(PackageContents.manifestName) { return .manifest(folder: "") }
        if files.contains("metadata.yaml") { return .lxdImage }
        let suffix = "/" + PackageContents.manifestName
        let found = files.filter { $0.hasSuffix(suffix) && !$0.hasPrefix("rootfs/") }
            .map { $0.dropLast(suffix.count).split(separator: "/") }
        guard let depth = found.map(\.count).min() else {
            throw RucheError(
                .invalidArchive,
                "\"\(path.lastComponent?.string ?? "")\" is no package: it holds no manifest.json, no metadata.yaml of an LXD image, and is no OCI archive"
            )
        }
        let highest = found.filter { $0.count == depth }
        guard let folder = highest.first, highest.count == 1 else {
            throw RucheError(.invalidArchive, "the archive holds \(highest.count) manifests: pack one package")
        }
        return .manifest(folder: folder.joined(separator: "/"))
    }
}
