import Glibc
import RucheCore
import RucheHost
import SystemPackage

extension FileLayerCache {
    /// Layers that nobody asked for in the last `seconds`.
    func unused(since seconds: Int64) throws -> [Digest] {
        let limit = Int64(time(nil)) - seconds
        return try layers().filter { lastUse($0) <= limit }
    }

    /// Removes a layer and returns the bytes of its files; nil when it was used meanwhile or is mounted.
    func remove(_ diffID: Digest, unusedFor seconds: Int64, dryRun: Bool) async throws -> Int64? {
        do {
            if try Self.isMounted(diffID) { return nil }
            let path = path(of: diffID)
            let size = try Self.size(of: path)
            if dryRun { return size }
            return try await withScratch { scratch in
                // Under another name first: what is half removed must never look whole.
                let moved = try await gate.exclusive {
                    guard lastUse(diffID) <= Int64(time(nil)) - seconds else { return false }
                    try AtomicFile.rename(path, to: scratch.appending("layer"))
                    unlink(usePath(of: diffID).string)
                    return true
                }
                return moved ? size : nil
            }
        } catch let error as Errno {
            throw RucheError.storage(error, "remove a layer of", folder)
        }
    }

    private func layers() throws -> [Digest] {
        do { return try FileTree.names(in: folder).compactMap { Digest(hex: $0) } } catch let error as Errno {
            throw RucheError.storage(error, "list", folder)
        }
    }

    private func lastUse(_ diffID: Digest) -> Int64 {
        var status = stat()
        return lstat(usePath(of: diffID).string, &status) == 0 ? Int64(status.st_mtim.tv_sec) : 0
    }

    /// Whether a mount that any process sees has the layer in its options.
    private static func isMounted(_ diffID: Digest) throws -> Bool {
        for process in try FileTree.names(in: "/proc") where process.first?.isNumber == true {
            // A process may end between the two looks.
            guard let mounts = try? AtomicFile.read(FilePath("/proc/\(process)/mountinfo")) else { continue }
            if String(decoding: mounts, as: UTF8.self).contains(diffID.hex) { return true }
        }
        return false
    }

    private static func size(of path: FilePath) throws -> Int64 {
        var total: Int64 = 0
        for name in try FileTree.names(in: path) {
            let child = path.appending(name)
            var status = stat()
            guard lstat(child.string, &status) == 0 else { continue }  // a name that is no UTF-8
            if status.st_mode & S_IFMT == S_IFDIR {
                total += try size(of: child)
            } else {
                total += Int64(status.st_blocks) * 512
            }
        }
        return total
    }
}
