import Glibc
import RucheCore
import RucheHost
import RucheImages
import Synchronization
import SystemPackage

import struct Crypto.SHA256

/// The recipe's folder, as the steps read it. Each file is hashed once.
final class SourceFolder: Sendable {
    let folder: FilePath
    private let digests = Mutex<[String: Digest]>([:])

    init(_ folder: FilePath) { self.folder = folder }

    /// The real place of a file or folder beside the recipe. Throws `invalid_recipe` when it is missing or
    /// when a link leads out of the folder.
    func locate(_ relative: String) throws -> FilePath {
        guard let pointer = realpath(folder.appending(relative).string, nil), let root = realpath(folder.string, nil)
        else {
            throw RucheError(.invalidRecipe, "the recipe reads \"\(relative)\", which is not in its folder")
        }
        defer {
            free(pointer)
            free(root)
        }
        let path = String(cString: pointer)
        let top = String(cString: root)
        guard path == top || path.hasPrefix(top + "/") else {
            throw RucheError(.invalidRecipe, "\"\(relative)\" leads out of the recipe's folder")
        }
        return FilePath(path)
    }

    /// The requirement files of a pip step with those that they include.
    func requirementFiles(of step: PipStep) throws -> [String] {
        try RequirementFiles.all(of: step) { try locate($0.string) }
    }

    /// sha256 of one file's content.
    func digest(file relative: String) throws -> Digest {
        if let known = digests.withLock({ $0[relative] }) { return known }
        let digest = try Self.digest(of: try locate(relative))
        digests.withLock { $0[relative] = digest }
        return digest
    }

    /// What a copied tree is: `path` → digest of kind, mode (with `modes`), and content or link target.
    func tree(_ relative: String, modes: Bool, except: String? = nil) throws -> [String: Digest] {
        let top = try locate(relative)
        var entries: [String: Digest] = [:]
        try walk(top, name: relative, modes: modes, except: except, into: &entries)
        return entries
    }

    private func walk(
        _ path: FilePath, name: String, modes: Bool, except: String?, into entries: inout [String: Digest]
    ) throws {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { throw Errno(rawValue: errno) }
        let bits = modes ? String(status.st_mode & 0o7777, radix: 8) : (status.st_mode & 0o100 != 0 ? "x" : "-")
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            entries[name] = try CanonicalJSON.digest(["folder", modes ? bits : "-"])
            for child in try FileTree.names(in: path) where child != except {
                let childName = name == "." ? child : name + "/" + child
                try walk(path.appending(child), name: childName, modes: modes, except: nil, into: &entries)
            }
        case S_IFLNK:
            entries[name] = try CanonicalJSON.digest(["link", try FileTree.linkTarget(path) ?? ""])
        case S_IFREG:
            let content = try digests.withLock { $0[name] } ?? Self.digest(of: path)
            digests.withLock { $0[name] = content }
            entries[name] = try CanonicalJSON.digest(["file", bits, content.hex])
        default:
            throw RucheError(
                .invalidRecipe, "\"\(name)\" is neither a file, a folder nor a link: a recipe can't copy it")
        }
    }

    static func digest(of path: FilePath) throws -> Digest {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        return try file.closeAfter {
            var hash = SHA256()
            var buffer = [UInt8](repeating: 0, count: 1 << 18)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return Digest(bytes: hash.finalize()) }
                buffer.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            }
        }
    }
}
