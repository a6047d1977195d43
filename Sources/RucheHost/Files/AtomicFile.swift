import Glibc
package import SystemPackage

/// Whole-file writes that a crash can't tear: temporary name in the same folder, sync, rename, sync of the folder.
package enum AtomicFile {
    /// Replaces or makes `path`. Throws the system's error; nothing is left of a failed write.
    ///
    /// With `durable` false a reader still sees the old or the new content whole, but a loss of power may lose
    /// both: for what has no meaning after a restart of the machine.
    package static func write(
        _ bytes: some Collection<UInt8>, to path: FilePath,
        permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead], durable: Bool = true
    ) throws {
        let temporary = path.removingLastComponent()
            .appending(".\(path.lastComponent?.string ?? "file").\(getpid()).\(UInt32.random(in: .min ... .max)).tmp")
        let file = try FileDescriptor.open(
            temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: permissions)
        do {
            try file.closeAfter {
                try file.writeAll(bytes)
                if durable { try file.sync() }
            }
            guard Glibc.rename(temporary.string, path.string) == 0 else { throw Errno(rawValue: errno) }
            if durable { try syncFolder(path.removingLastComponent()) }
        } catch {
            unlink(temporary.string)
            throw error
        }
    }

    /// Renames and makes the change durable.
    package static func rename(_ source: FilePath, to target: FilePath) throws {
        guard Glibc.rename(source.string, target.string) == 0 else { throw Errno(rawValue: errno) }
        try syncFolder(target.removingLastComponent())
    }

    /// Makes renames and removals in a folder durable.
    package static func syncFolder(_ folder: FilePath) throws {
        let path = folder.isEmpty ? FilePath(".") : folder
        let descriptor = try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
        try descriptor.closeAfter {
            try descriptor.sync()
        }
    }

    /// Reads a whole small file; throws `Errno.fileTooLarge` over `limit` bytes.
    package static func read(_ path: FilePath, limit: Int = 64 << 20) throws -> [UInt8] {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        return try file.closeAfter {
            var result: [UInt8] = []
            // Most are a few lines, and some are read again and again: the room grows with the file.
            var room = 4 << 10
            while true {
                let part = try [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                    count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if part.isEmpty { return result }
                guard result.count + part.count <= limit else { throw Errno.fileTooLarge }
                result += part
                room = min(room * 4, 1 << 20)
            }
        }
    }
}
