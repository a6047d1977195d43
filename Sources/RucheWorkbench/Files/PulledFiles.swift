import Glibc
import RucheCore
import RucheHost
import RucheImages
package import SystemPackage

/// What came out of a workbench, unpacked in a folder of its own: hostile until it is at its destination.
package struct PulledFiles: Sendable {
    /// Files and folders at the top of what was asked for.
    private let tops: [FilePath]

    /// Unpacks `archive` into the empty `folder`. `depth` is how many names deep the things asked for lie in it.
    package init(_ archive: FilePath, into folder: FilePath, depth: Int) async throws {
        _ = try await LayerUnpacker(whiteouts: .refused).unpack(archive, into: folder)
        var tops = [folder]
        for _ in 0..<depth {
            tops = try tops.filter { try FileTree.kind($0) == .folder }.flatMap { top in
                try FileTree.names(in: top).map { top.appending($0) }
            }
        }
        self.tops = tops
    }

    package var isEmpty: Bool { tops.isEmpty }

    /// Copies to `target`: into it when it is a folder or there are several things, else as it. Nothing that exists is
    /// written over unless `overwrites`. Returns files and bytes copied.
    package func copy(to target: FilePath, overwrites: Bool) throws -> (files: Int, bytes: Int64) {
        let isInside = FileTree.isFolder(target) || tops.count > 1
        let pairs = tops.map { ($0, isInside ? target.appending($0.lastComponent?.string ?? "file") : target) }
        if !overwrites {
            let taken = pairs.filter { FileTree.exists($0.1) }
            guard taken.isEmpty else {
                throw RucheError(
                    .conflict, "\(taken.count) of the files exist already; nothing was written (--force replaces them)",
                    problems: taken.map { Problem(path: $0.1.string, message: "exists already") })
            }
        }
        if isInside { try FileTree.makeFolder(target) }
        var total = (files: 0, bytes: Int64(0))
        for (source, place) in pairs { try Self.copy(source, to: place, &total) }
        return total
    }

    private static func copy(
        _ source: FilePath, to target: FilePath, _ total: inout (files: Int, bytes: Int64)
    ) throws {
        var status = stat()
        guard lstat(source.string, &status) == 0 else { throw Errno(rawValue: errno) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            // What lies at the destination may be a link: it is not followed out of it.
            if FileTree.exists(target), try FileTree.kind(target) != .folder { try FileTree.remove(target) }
            try FileTree.makeFolder(target)
            for name in try FileTree.names(in: source) {
                try copy(source.appending(name), to: target.appending(name), &total)
            }
        case S_IFREG:
            let temporary = target.removingLastComponent().appending(
                ".\(target.lastComponent?.string ?? "file").\(UInt32.random(in: .min ... .max)).partial")
            try copyFile(source, to: temporary, mode: status.st_mode & 0o777)
            try AtomicFile.rename(temporary, to: target)
            total.files += 1
            total.bytes += Int64(status.st_size)
        case S_IFLNK:
            let link = try FileTree.linkTarget(source) ?? ""
            try FileTree.remove(target)
            guard symlink(link, target.string) == 0 else { throw Errno(rawValue: errno) }
            total.files += 1
        default: break  // devices and sockets mean nothing outside of the workbench
        }
    }

    private static func copyFile(_ source: FilePath, to target: FilePath, mode: UInt32) throws {
        let input = try FileDescriptor.open(source, .readOnly, options: [.closeOnExec, .noFollow])
        try input.closeAfter {
            let output = try FileDescriptor.open(
                target, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: FilePermissions(rawValue: mode_t(mode)))
            try output.closeAfter {
                var buffer = [UInt8](repeating: 0, count: 1 << 20)
                while true {
                    let count = try buffer.withUnsafeMutableBytes { try input.read(into: $0) }
                    if count == 0 { return }
                    try output.writeAll(buffer[..<count])
                }
            }
        }
    }
}
