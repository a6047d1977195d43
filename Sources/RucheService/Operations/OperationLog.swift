import Glibc
package import RucheCore
import RucheHost
import Synchronization
package import SystemPackage

/// The log of one operation, `<data>/operations/<id>/log.jsonl`: one JSON value a line, appended as it comes.
///
/// Lines are written at once and not synced: the log tells people what happened, nothing is decided by it.
package final class OperationLog: Sendable {
    package let path: FilePath
    private let file: Mutex<FileDescriptor?>

    /// `folder` is `<data>/operations`.
    package init(folder: FilePath, id: Identifier) {
        path = Self.path(folder: folder, id: id)
        file = Mutex(nil)
    }

    deinit { file.withLock { try? $0?.close() } }  // nothing is buffered; there is nobody to tell

    package static func path(folder: FilePath, id: Identifier) -> FilePath {
        folder.appending(id.description).appending("log.jsonl")
    }

    /// Appends one line. Makes the folder and the file with the first.
    package func append(_ value: some Encodable) throws {
        let line = try JSONText.bytes(value) + [UInt8(ascii: "\n")]
        try file.withLock { file in
            let descriptor = try file ?? open()
            file = descriptor
            var status = stat()
            guard fstat(descriptor.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
            do { try descriptor.writeAll(line) } catch {
                // Half a line of a full disk would spoil the log for its readers.
                ftruncate(descriptor.rawValue, status.st_size)
                throw error
            }
        }
    }

    private func open() throws -> FileDescriptor {
        try FileTree.makeFolder(path.removingLastComponent(), permissions: 0o700)
        return try FileDescriptor.open(
            path, .writeOnly, options: [.create, .append, .closeOnExec], permissions: [.ownerReadWrite])
    }
}
