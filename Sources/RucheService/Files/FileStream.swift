import Glibc
import RucheCore
package import RucheImages
package import SystemPackage

/// Chunks of a file of this machine.
package enum FileStream {
    private static let chunk = 256 << 10

    /// Chunks from `offset`, at most `length` bytes. The file is opened at once: throws `not_found` when it is
    /// gone. Links are not followed.
    package static func open(_ path: FilePath, offset: Int64, length: Int64) throws -> BlobStream {
        let source: Source
        do {
            source = Source(
                file: try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking]),
                offset: offset, left: length)
        } catch Errno.noSuchFileOrDirectory {
            throw RucheError(.notFound, "the file \(path) is gone", details: ["path": path.string])
        }
        return BlobStream { try await source.next(chunk) }
    }

    private actor Source {
        private let file: FileDescriptor
        private var offset: Int64
        private var left: Int64

        init(file: FileDescriptor, offset: Int64, left: Int64) {
            self.file = file
            self.offset = offset
            self.left = left
        }

        deinit { try? file.close() }  // it was only read

        func next(_ limit: Int) throws -> [UInt8]? {
            let count = Int(min(Int64(limit), left))
            guard count > 0 else { return nil }
            var buffer = [UInt8](repeating: 0, count: count)
            let read = try buffer.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: offset, into: $0) }
            guard read > 0 else {
                throw RucheError(.corruptContent, "the file became shorter while it was read")
            }
            offset += Int64(read)
            left -= Int64(read)
            return Array(buffer[..<read])
        }
    }
}
