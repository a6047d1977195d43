import CLibarchive
import Glibc
import RucheCore
package import SystemPackage

/// The entries of a tar archive (ustar, pax, GNU), plain or compressed, or of a zip, in order.
///
/// Checks the limits, nothing else: paths and links are as hostile as the file. Not for use by two tasks at once.
package final class ArchiveReader {
    private let archive: OpaquePointer
    /// Nil for a zip, which is read at several places of its file.
    private let source: Source?
    private let limits: ArchiveLimits
    private let path: FilePath
    private var entries = 0
    private var contentBytes: Int64 = 0
    private var current = ""
    private var atEnd = false

    /// `onBytes` sees every decompressed byte once, in order: what a diff id is made of. Call `drain` for
    /// the bytes after the last entry.
    package init(
        _ path: FilePath, compressions: [Compression] = Compression.allCases, limits: ArchiveLimits = ArchiveLimits(),
        onBytes: ((UnsafeRawBufferPointer) -> Void)? = nil
    ) throws {
        let source = Source(try DecompressingReader(path, compressions: compressions, limit: limits.bytes), onBytes)
        self.source = source
        self.limits = limits
        self.path = path
        guard let archive = archive_read_new() else { throw Errno.noMemory }
        self.archive = archive
        archive_read_support_format_tar(archive)
        archive_read_support_format_empty(archive)
        let status = archive_read_open(
            archive, Unmanaged.passUnretained(source).toOpaque(), nil,
            { _, context, buffer in
                guard let context, let buffer else { return -1 }
                return Unmanaged<Source>.fromOpaque(context).takeUnretainedValue().read(buffer)
            }, nil)
        guard status == ARCHIVE_OK else { throw failure() }
    }

    /// The entries of a zip. An entry's size is what the zip says of it, which may be a lie: count what comes.
    package init(zip path: FilePath, limits: ArchiveLimits = ArchiveLimits()) throws {
        source = nil
        self.limits = limits
        self.path = path
        guard let archive = archive_read_new() else { throw Errno.noMemory }
        self.archive = archive
        archive_read_support_format_zip(archive)
        archive_read_support_format_empty(archive)
        guard archive_read_open_filename(archive, path.string, 1 << 20) == ARCHIVE_OK else { throw failure() }
    }

    /// Names of zips are converted to the thread's character set, and plain C has ASCII only.
    private nonisolated(unsafe) static let utf8 = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)

    deinit { archive_read_free(archive) }

    /// The next entry; nil at the end.
    package func next() throws -> ArchiveEntry? {
        if atEnd { return nil }
        let former = source == nil ? Self.utf8.map { uselocale($0) } : nil
        defer { if let former { uselocale(former) } }
        var pointer: OpaquePointer?
        let status = archive_read_next_header(archive, &pointer)
        if status == ARCHIVE_EOF {
            atEnd = true
            return nil
        }
        guard status >= ARCHIVE_WARN, status != ARCHIVE_RETRY, let pointer else { throw failure() }
        entries += 1
        guard entries <= limits.entries else {
            throw RucheError(
                .invalidArchive, "\"\(path)\" holds more than \(limits.entries) entries, which is the limit here")
        }
        let entry = try entry(pointer)
        current = entry.name
        contentBytes += entry.size
        guard entry.size >= 0, contentBytes >= 0, contentBytes <= limits.bytes else {
            throw RucheError(
                .invalidArchive,
                "\"\(entry.name)\" in \"\(path)\" is larger than the limit of \(ByteCount(limits.bytes))")
        }
        return entry
    }

    /// The next bytes of the current entry with their offset in it (a sparse file has holes), good until the
    /// next call; nil at its end.
    package func nextBlock() throws -> (offset: Int64, bytes: UnsafeRawBufferPointer)? {
        while true {
            var base: UnsafeRawPointer?
            var size = 0
            var offset: Int64 = 0
            let status = archive_read_data_block(archive, &base, &size, &offset)
            if status == ARCHIVE_EOF { return nil }
            guard status >= ARCHIVE_WARN, status != ARCHIVE_RETRY else { throw failure() }
            if size > 0 { return (offset, UnsafeRawBufferPointer(start: base, count: size)) }
        }
    }

    /// The whole content of the current entry; throws `invalid_archive` over `limit` bytes.
    package func content(limit: Int) throws -> [UInt8] {
        var result: [UInt8] = []
        while let block = try nextBlock() {
            guard block.offset <= limit, Int(block.offset) + block.bytes.count <= limit else {
                throw RucheError(.invalidArchive, "\"\(current)\" in \"\(path)\" is larger than \(limit) bytes")
            }
            if result.count < block.offset {
                result += [UInt8](repeating: 0, count: Int(block.offset) - result.count)
            }
            result.append(contentsOf: block.bytes)
        }
        return result
    }

    /// Reads to the end of the file, so that `onBytes` has seen all of it.
    package func drain() throws {
        while try next() != nil {}
        while try source?.nextBytes() != nil {}
    }

    private func failure() -> any Error {
        if let error = source?.error { return error }
        let place = current.isEmpty ? "" : " after \"\(current)\""
        let format = source == nil ? "zip" : "tar"
        return RucheError(.invalidArchive, "\"\(path)\" is no sound \(format) archive\(place): \(archive.message)")
    }

    private func entry(_ pointer: OpaquePointer) throws -> ArchiveEntry {
        guard let name = archive_entry_pathname(pointer) else {
            throw RucheError(.invalidArchive, "\"\(path)\" has an entry without a name")
        }
        let hardLink = archive_entry_hardlink(pointer)
        guard let kind = hardLink != nil ? .hardLink : Self.kind(archive_entry_filetype(pointer)) else {
            throw RucheError(.invalidArchive, "\"\(String(cString: name))\" in \"\(path)\" is of an unknown type")
        }
        var entry = ArchiveEntry(
            path: Self.bytes(name), kind: kind, permissions: UInt32(archive_entry_perm(pointer)) & 0o7777,
            size: kind == .regular ? archive_entry_size(pointer) : 0, modified: Int64(archive_entry_mtime(pointer)))
        if let link = hardLink ?? archive_entry_symlink(pointer) { entry.link = Self.bytes(link) }
        let (uid, gid) = (archive_entry_uid(pointer), archive_entry_gid(pointer))
        guard let uid = UInt32(exactly: uid), let gid = UInt32(exactly: gid), uid != .max, gid != .max else {
            throw RucheError(.invalidArchive, "\"\(entry.name)\" in \"\(path)\" has an impossible owner \(uid):\(gid)")
        }
        (entry.uid, entry.gid) = (uid, gid)
        if kind == .characterDevice || kind == .blockDevice {
            entry.deviceMajor = UInt32(truncatingIfNeeded: archive_entry_rdevmajor(pointer))
            entry.deviceMinor = UInt32(truncatingIfNeeded: archive_entry_rdevminor(pointer))
        }
        entry.attributes = Self.attributes(pointer)
        return entry
    }

    private static func kind(_ type: mode_t) -> ArchiveEntry.Kind? {
        switch type {
        case S_IFREG: .regular
        case S_IFLNK: .symbolicLink
        case S_IFCHR: .characterDevice
        case S_IFBLK: .blockDevice
        case S_IFDIR: .folder
        case S_IFIFO: .fifo
        case S_IFSOCK: .socket
        default: nil
        }
    }

    private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }

    private static func attributes(_ pointer: OpaquePointer) -> [ArchiveEntry.Attribute] {
        guard archive_entry_xattr_reset(pointer) > 0 else { return [] }
        var result: [ArchiveEntry.Attribute] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while archive_entry_xattr_next(pointer, &name, &value, &size) == ARCHIVE_OK, let key = name {
            result.append(
                ArchiveEntry.Attribute(
                    name: bytes(key), value: Array(UnsafeRawBufferPointer(start: value, count: size))))
        }
        return result.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }
}

extension ArchiveReader {
    /// Feeds the decompressed bytes to the tar reader and to whoever looks at them.
    private final class Source {
        private let reader: DecompressingReader
        private let onBytes: ((UnsafeRawBufferPointer) -> Void)?
        var error: (any Error)?

        init(_ reader: DecompressingReader, _ onBytes: ((UnsafeRawBufferPointer) -> Void)?) {
            self.reader = reader
            self.onBytes = onBytes
        }

        func nextBytes() throws -> UnsafeRawBufferPointer? {
            let bytes = try reader.next()
            if let bytes { onBytes?(bytes) }
            return bytes
        }

        /// The C library's read call: the count, 0 at the end, negative for an error that is kept here.
        func read(_ buffer: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
            do {
                guard let bytes = try nextBytes() else { return 0 }
                buffer.pointee = bytes.baseAddress
                return bytes.count
            } catch {
                self.error = error
                return -1
            }
        }
    }
}
