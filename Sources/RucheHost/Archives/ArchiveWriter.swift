import CLibarchive
import Glibc
import RucheCore
package import SystemPackage

/// Writes a tar archive to a file, plain or compressed, the same bytes for the same entries.
/// Not crash-safe by itself: write to a temporary name, then rename. Not for use by two tasks at once.
package final class ArchiveWriter {
    private let archive: OpaquePointer
    private let path: FilePath
    private let limits: ArchiveLimits
    private var entries = 0
    private var bytes: Int64 = 0
    private var expected: Int64 = 0
    private var current: Int64 = 0

    package init(_ path: FilePath, compression: Compression = .none, limits: ArchiveLimits = ArchiveLimits()) throws {
        guard let archive = archive_write_new(), let entry = archive_entry_new() else { throw Errno.noMemory }
        defer { archive_entry_free(entry) }
        self.archive = archive
        self.path = path
        self.limits = limits
        archive_write_set_format_raw(archive)
        let status =
            switch compression {
            case .none: archive_write_add_filter_none(archive)
            case .gzip: archive_write_add_filter_gzip(archive)
            case .bzip2: archive_write_add_filter_bzip2(archive)
            case .xz: archive_write_add_filter_xz(archive)
            case .zstd: archive_write_add_filter_zstd(archive)
            }
        // A gzip header holds the time of writing unless told not to.
        if compression == .gzip { archive_write_set_filter_option(archive, "gzip", "timestamp", nil) }
        archive_write_set_bytes_in_last_block(archive, 1)
        archive_entry_set_filetype(entry, UInt32(Glibc.S_IFREG))
        guard status == ARCHIVE_OK, archive_write_open_filename(archive, path.string) == ARCHIVE_OK,
            archive_write_header(archive, entry) == ARCHIVE_OK
        else { throw failure() }
    }

    deinit { archive_write_free(archive) }

    /// Starts an entry; `entry.size` bytes of content must follow through `write`.
    package func add(_ entry: ArchiveEntry) throws {
        try endEntry()
        entries += 1
        guard entries <= limits.entries else {
            throw RucheError(.invalidInput, "\"\(path)\" would hold more than \(limits.entries) entries")
        }
        try TarEncoder.header(entry).withUnsafeBytes { try put($0) }
        expected = entry.kind == .regular ? entry.size : 0
        current = 0
    }

    package func add(_ entry: ArchiveEntry, content: [UInt8]) throws {
        var entry = entry
        entry.size = Int64(content.count)
        try add(entry)
        try write(content)
    }

    package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        current += Int64(bytes.count)
        try put(bytes)
    }

    /// Ends the archive and closes the file. The caller syncs it.
    package func close() throws {
        try endEntry()
        try TarEncoder.end.withUnsafeBytes { try put($0) }
        guard archive_write_close(archive) == ARCHIVE_OK else { throw failure() }
    }

    private func endEntry() throws {
        guard current == expected else {
            throw RucheError(.internalError, "an entry of \"\(path)\" has \(current) bytes instead of \(expected)")
        }
        let padding = TarEncoder.padding(after: current)
        if padding > 0 { try TarEncoder.end.withUnsafeBytes { try put(.init(rebasing: $0[..<padding])) } }
        (current, expected) = (0, 0)
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws {
        self.bytes += Int64(bytes.count)
        guard self.bytes <= limits.bytes else {
            throw RucheError(.invalidInput, "\"\(path)\" would be larger than \(ByteCount(limits.bytes))")
        }
        var rest = bytes
        while !rest.isEmpty {
            let count = archive_write_data(archive, rest.baseAddress, rest.count)
            guard count > 0 else { throw failure() }
            rest = .init(rebasing: rest[count...])
        }
    }

    private func failure() -> RucheError {
        let code = archive_errno(archive)
        return code > 0
            ? .storage(Errno(rawValue: code), "write", path)
            : RucheError(.internalError, "can't write \"\(path)\": \(archive.message)")
    }
}
