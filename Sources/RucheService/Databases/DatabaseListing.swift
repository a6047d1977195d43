import Glibc
import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// The files of a reference database, each with its digest, and the digest of them all.
struct DatabaseListing: Hashable, Sendable {
    /// By path below the folder.
    var files: [String: Digest] = [:]
    var size: Int64 = 0

    /// The digest of lines `DIGEST  PATH`, sorted: what `sha256sum` writes of the files.
    var digest: Digest {
        let lines = files.sorted { $0.key < $1.key }.map { "\($0.value.hex)  \($0.key)\n" }
        return StreamHasher.digest(of: Array(lines.joined().utf8))
    }

    /// Reads everything below a folder. Throws `invalid_input` for what is neither a file nor a folder.
    @concurrent static func read(_ folder: FilePath) async throws -> DatabaseListing {
        var listing = DatabaseListing()
        for path in try paths(folder) {
            try Task.checkCancellation()
            let file = try FileDescriptor.open(
                folder.pushing(FilePath(path)), .readOnly, options: [.closeOnExec, .noFollow])
            defer { try? file.close() }  // it was only read
            let (digest, size) = try await FileHasher.digest(file)
            listing.files[path] = digest
            listing.size += size
        }
        return listing
    }

    /// Copies everything below a folder into another one, which nobody changes afterwards.
    @concurrent static func copy(_ source: FilePath, to target: FilePath) async throws {
        for path in try paths(source) {
            try Task.checkCancellation()
            let place = target.pushing(FilePath(path))
            try FileTree.makeFolder(place.removingLastComponent())
            let input = try FileDescriptor.open(
                source.pushing(FilePath(path)), .readOnly, options: [.closeOnExec, .noFollow])
            try input.closeAfter { try copy(input, to: place) }
            await Task.yield()
        }
    }

    private static func copy(_ input: FileDescriptor, to place: FilePath) throws {
        let output = try FileDescriptor.open(
            place, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: [.ownerRead, .ownerWrite, .groupRead, .otherRead])
        try output.closeAfter {
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try input.read(into: $0) }
                if count == 0 { break }
                try output.writeAll(buffer[..<count])
            }
            try output.sync()
        }
    }

    private static func paths(_ folder: FilePath) throws -> [String] {
        var paths: [String] = []
        var problems: [Problem] = []
        try FolderWalk.visit(folder) { entry in
            if entry.isRegular, entry.isText {
                paths.append(entry.path)
            } else if !entry.isFolder {
                problems.append(Problem(path: entry.path, message: "this is neither a file nor a folder"))
            }
        }
        guard problems.isEmpty else {
            throw RucheError(.invalidInput, "\(folder) can't be a reference database", problems: problems)
        }
        return paths
    }
}
