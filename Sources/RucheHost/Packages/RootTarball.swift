import RucheCore
package import SystemPackage

/// The root of an LXD image as a tarball of its own, as `from: tar:` of a recipe reads it.
package enum RootTarball {
    private static let root = Array("rootfs/".utf8)

    /// Writes what is in `rootfs/` of `image` to `target`. Devices are left out.
    package static func write(of image: FilePath, to target: FilePath) throws {
        // The look over the whole archive is what refuses a hostile one.
        guard try PackageArchive(image).layout == .lxdImage else {
            throw RucheError(.invalidArchive, "\"\(image)\" is no unified LXD image: it has no rootfs/")
        }
        let reader = try ArchiveReader(image, limits: PackageEntryCheck.limits)
        let writer = try ArchiveWriter(target)
        while let entry = try reader.next() {
            try Task.checkCancellation()
            var entry = entry
            guard let path = inside(entry.path) else { continue }
            entry.path = path
            switch entry.kind {
            case .characterDevice, .blockDevice, .socket: continue
            case .hardLink:
                guard let link = inside(entry.link) else { continue }
                entry.link = link
            default: break
            }
            try writer.add(entry)
            var end: Int64 = 0
            while let block = try reader.nextBlock() {
                try fill(from: end, to: block.offset, writer)
                try writer.write(block.bytes)
                end = block.offset + Int64(block.bytes.count)
            }
            try fill(from: end, to: entry.size, writer)
        }
        try writer.close()
    }

    /// A hole of a sparse file.
    private static func fill(from start: Int64, to end: Int64, _ writer: ArchiveWriter) throws {
        var left = end - start
        while left > 0 {
            let count = min(left, 1 << 20)
            try writer.write([UInt8](repeating: 0, count: Int(count)))
            left -= count
        }
    }

    private static func inside(_ path: [UInt8]) -> [UInt8]? {
        let path = path.starts(with: Array("./".utf8)) ? Array(path.dropFirst(2)) : path
        guard path.starts(with: root), path.count > root.count else { return nil }
        return Array(path.dropFirst(root.count))
    }
}
