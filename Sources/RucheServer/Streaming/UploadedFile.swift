import Glibc
package import Hummingbird
import NIOCore
import RucheCore
package import SystemPackage

extension Request {
    /// Writes the body to a new file as it comes. Throws `invalid_input` over `limit` bytes, `disk_full` when
    /// the disk is; the caller removes the folder then.
    package func save(to path: FilePath, limit: Int64) async throws {
        if let length = headers[.contentLength].flatMap({ Int64($0) }), length > limit {
            throw Self.tooLarge(Int(limit))
        }
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite])
        do {
            var size: Int64 = 0
            for try await buffer in body {
                size += Int64(buffer.readableBytes)
                guard size <= limit else { throw Self.tooLarge(Int(limit)) }
                _ = try buffer.withUnsafeReadableBytes { try file.writeAll($0) }
            }
            try file.close()
        } catch {
            try? file.close()  // the first error is the one to report
            throw error
        }
    }
}
