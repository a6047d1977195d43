import Foundation
import NIOCore
import RucheCore
import RucheHost
import SystemPackage

/// The parts of a bundle in their order, which is checked: whatever else is in the file is refused.
actor BundleReader {
    private let archive: ArchiveReader
    private let path: FilePath
    /// Bytes of the blob that is read now which are still to come.
    private var rest: Int64 = 0
    private var offset: Int64 = 0

    init(_ path: FilePath) throws {
        self.path = path
        do {
            archive = try ArchiveReader(
                path, compressions: [.none], limits: ArchiveLimits(entries: 1_000_000, bytes: 1 << 50))
        } catch let error as Errno {
            throw RucheError(.invalidInput, "can't read the bundle \(path): \(error)", cause: error)
        }
    }

    func document() throws -> BundleDocument {
        guard let entry = try archive.next(), entry.kind == .regular, entry.name == BundleDocument.path else {
            throw RucheError(.invalidArchive, "\(path) is no bundle: it does not begin with \(BundleDocument.path)")
        }
        let bytes = try archive.content(limit: BundleDocument.limit)
        let document: BundleDocument
        do { document = try JSON.decode(BundleDocument.self, from: bytes) } catch {
            throw RucheError(.invalidArchive, "\(BundleDocument.path) of \(path) can't be read", cause: error)
        }
        try document.check()
        return document
    }

    /// The next blob: its digest and size; nil at the end. Throws `invalid_archive` for anything else.
    func nextBlob() throws -> (digest: Digest, size: Int64)? {
        guard let entry = try archive.next() else { return nil }
        guard entry.kind == .regular, entry.name.hasPrefix(BundleDocument.blobFolder),
            let digest = Digest(hex: String(entry.name.dropFirst(BundleDocument.blobFolder.count)))
        else { throw RucheError(.invalidArchive, "\"\(entry.name.prefix(160))\" in \(path) belongs in no bundle") }
        (rest, offset) = (entry.size, 0)
        return (digest, entry.size)
    }

    /// The next bytes of the blob; nil at its end.
    func nextBytes() throws -> ByteBuffer? {
        guard let block = try archive.nextBlock() else {
            guard rest == 0 else { throw RucheError(.invalidArchive, "\(path) ends in the middle of a blob") }
            return nil
        }
        guard block.offset == offset, Int64(block.bytes.count) <= rest else {
            throw RucheError(.invalidArchive, "\(path) has a blob with holes")
        }
        offset += Int64(block.bytes.count)
        rest -= Int64(block.bytes.count)
        return ByteBuffer(bytes: block.bytes)
    }

    /// Passes over the first bytes of the blob.
    func skip(_ count: Int64) throws -> ByteBuffer? {
        var left = count
        while left > 0, let buffer = try nextBytes() {
            let length = Int64(buffer.readableBytes)
            if length > left {
                return buffer.getSlice(at: buffer.readerIndex + Int(left), length: Int(length - left))
            }
            left -= length
        }
        return nil
    }
}
