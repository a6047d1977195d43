import CLibarchive
import RucheCore
package import SystemPackage

/// The decompressed bytes of a file, in order. Not for use by two tasks at once.
package final class DecompressingReader {
    private let archive: OpaquePointer
    private let path: FilePath
    private let limit: Int64
    private var count: Int64 = 0
    private var atEnd = false

    /// Accepts the named compressions only; another one reads as plain bytes.
    /// Throws `not_found` when there is no such file. More than `limit` bytes throw `invalid_archive`.
    package init(
        _ path: FilePath, compressions: [Compression] = Compression.allCases, limit: Int64 = ArchiveLimits().bytes
    ) throws {
        guard let archive = archive_read_new() else { throw Errno.noMemory }
        self.archive = archive
        self.path = path
        self.limit = limit
        for compression in compressions { Self.enable(compression, archive) }
        archive_read_support_format_raw(archive)
        archive_read_support_format_empty(archive)
        guard archive_read_open_filename(archive, path.string, 1 << 20) == ARCHIVE_OK else {
            throw RucheError(.notFound, "can't read \"\(path)\": \(archive.message)", details: ["path": path.string])
        }
        var entry: OpaquePointer?
        switch archive_read_next_header(archive, &entry) {
        case ARCHIVE_OK, ARCHIVE_WARN: break
        case ARCHIVE_EOF: atEnd = true
        default: throw failure()
        }
    }

    deinit { archive_read_free(archive) }

    /// The next bytes, good until the next call; nil at the end.
    package func next() throws -> UnsafeRawBufferPointer? {
        while !atEnd {
            var base: UnsafeRawPointer?
            var size = 0
            var offset: Int64 = 0
            switch archive_read_data_block(archive, &base, &size, &offset) {
            case ARCHIVE_OK, ARCHIVE_WARN:
                if size == 0 { continue }
                count += Int64(size)
                guard count <= limit else {
                    throw RucheError(
                        .invalidArchive, "\"\(path)\" unpacks to more than \(ByteCount(limit)), which is the limit here"
                    )
                }
                return UnsafeRawBufferPointer(start: base, count: size)
            case ARCHIVE_EOF: atEnd = true
            default: throw failure()
            }
        }
        return nil
    }

    private func failure() -> RucheError {
        RucheError(.invalidArchive, "\"\(path)\" can't be unpacked: \(archive.message)")
    }

    private static func enable(_ compression: Compression, _ archive: OpaquePointer) {
        switch compression {
        case .none: archive_read_support_filter_none(archive)
        case .gzip: archive_read_support_filter_gzip(archive)
        case .bzip2: archive_read_support_filter_bzip2(archive)
        case .xz: archive_read_support_filter_xz(archive)
        case .zstd: archive_read_support_filter_zstd(archive)
        }
    }
}

extension OpaquePointer {
    /// The last error text of a libarchive object.
    var message: String {
        archive_error_string(self).map { String(cString: $0) } ?? "the archive library gives no reason"
    }
}
