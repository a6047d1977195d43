import Glibc
import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// The Python distributions of a stack of layers, and the records that save looking for them again.
struct PythonPackages {
    /// One layer of a stack and its unpacked folder.
    typealias Layer = (digest: Digest, folder: FilePath)

    let records: RecordFolder<[InstalledPackages.Python]>

    private static let format = "ruche python 1"
    /// Layers with more entries than this are not looked through: reading the whole stack costs no more.
    private static let entryLimit = 2000

    /// Reads the mounted stack `root`, or what is known of the part of `layers` (lowest first) that matters.
    func read(_ root: FilePath, layers: [Layer]) throws -> [InstalledPackages.Python] {
        var stack = layers[...]
        while let top = stack.last {
            if let known = records.read(try Self.key(stack)) { return known }
            guard try Self.isNeutral(top.folder, over: stack.dropLast().map(\.folder)) else { break }
            stack = stack.dropLast()
        }
        let found = try InstalledPackages.findPython(in: root)
        try records.write(found, as: try Self.key(stack), durable: false)
        return found
    }

    private static func key(_ layers: ArraySlice<Layer>) throws -> String {
        try CanonicalJSON.digest([format] + layers.map(\.digest.hex)).hex
    }

    /// Whether the stack has the same distributions with and without the layer: it has no folder of them, and
    /// hides no folder of the layers below.
    static func isNeutral(_ layer: FilePath, over lower: [FilePath]) throws -> Bool {
        var left = entryLimit
        return try isNeutral(layer, "", lower, &left)
    }

    private static func isNeutral(
        _ layer: FilePath, _ path: String, _ lower: [FilePath], _ left: inout Int
    ) throws -> Bool {
        let folder = FilePath(layer.string + path)
        let descriptor = try FileDescriptor.open(folder, .readOnly, options: [.directory, .noFollow, .closeOnExec])
        guard try descriptor.closeAfter({ try !ExtendedAttributes.isOpaque(descriptor.rawValue) }) else { return false }
        for name in try FileTree.names(in: folder) {
            left -= 1
            let child = path + "/" + name
            var status = stat()
            guard left >= 0, lstat(layer.string + child, &status) == 0, !Whiteout.isWhiteout(status) else {
                return false
            }
            if status.st_mode & S_IFMT == S_IFDIR {
                guard !InstalledPackages.isPythonFolder(name), try isNeutral(layer, child, lower, &left) else {
                    return false
                }
            } else if lower.contains(where: { isFolder($0.string + child) }) {
                return false
            }
        }
        return true
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
