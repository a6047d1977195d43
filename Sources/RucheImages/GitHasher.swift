import Crypto
import Foundation
import Glibc
package import RucheCore
import RucheHost
package import SystemPackage

/// The hashes that Git has for files and folders, from the entries of a tar: what a SWHID is made of.
package struct GitHasher {
    private indirect enum Node {
        case file(mode: String, hash: [UInt8])
        case folder([String: Node])
    }

    private var root: [String: Node] = [:]

    /// The identifier of the folder that a tar holds. Throws `invalid_archive` for what no folder can be.
    package static func directory(tar path: FilePath, limit: Int64 = 1 << 30) throws -> SWHID {
        var hasher = GitHasher()
        let reader = try ArchiveReader(path, limits: ArchiveLimits(bytes: limit))
        while let entry = try reader.next() {
            let parts = entry.name.split(separator: "/").filter { $0 != "." }.map(String.init)
            guard !parts.contains(".."), parts.count <= 200 else {
                throw RucheError(.invalidArchive, "\"\(entry.name.prefix(200))\" leaves the folder it is in")
            }
            switch entry.kind {
            case .folder:
                hasher.insert(nil, at: parts[...], into: &hasher.root)
            case .regular:
                let mode = entry.permissions & 0o111 == 0 ? "100644" : "100755"
                hasher.insert(.file(mode: mode, hash: try blob(entry.size, reader)), at: parts[...], into: &hasher.root)
            case .symbolicLink:
                let node = Node.file(mode: "120000", hash: hash("blob", entry.link))
                hasher.insert(node, at: parts[...], into: &hasher.root)
            default: continue
            }
        }
        return SWHID(.directory, hex: tree(hasher.root).hexadecimal)
    }

    /// The identifier of a file's bytes.
    package static func content(_ bytes: [UInt8]) -> SWHID { SWHID(.content, hex: hash("blob", bytes).hexadecimal) }

    private func insert(_ node: Node?, at path: ArraySlice<String>, into folder: inout [String: Node]) {
        guard let first = path.first else { return }
        if path.count == 1, let node { return folder[first] = node }
        var inside: [String: Node] = [:]
        if case .folder(let known)? = folder[first] { inside = known }
        insert(node, at: path.dropFirst(), into: &inside)
        folder[first] = .folder(inside)
    }

    private static func blob(_ size: Int64, _ reader: ArchiveReader) throws -> [UInt8] {
        var sha = Insecure.SHA1()
        sha.update(data: Data("blob \(size)\0".utf8))
        var end: Int64 = 0
        func zeros(until offset: Int64) {
            while end < offset {
                let count = min(offset - end, 1 << 16)
                sha.update(data: Data(count: Int(count)))
                end += count
            }
        }
        while let block = try reader.nextBlock() {
            zeros(until: block.offset)
            sha.update(bufferPointer: block.bytes)
            end = block.offset + Int64(block.bytes.count)
        }
        zeros(until: size)
        return Array(sha.finalize())
    }

    private static func tree(_ folder: [String: Node]) -> [UInt8] {
        // Git sorts by bytes, a folder as if a slash ended its name.
        let entries: [(key: [UInt8], mode: String, name: String, hash: [UInt8])] = folder.map { name, node in
            switch node {
            case .file(let mode, let hash): (Array(name.utf8), mode, name, hash)
            case .folder(let inside): (Array("\(name)/".utf8), "40000", name, tree(inside))
            }
        }
        var bytes: [UInt8] = []
        for entry in entries.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            bytes += Array("\(entry.mode) \(entry.name)\0".utf8) + entry.hash
        }
        return hash("tree", bytes)
    }

    private static func hash(_ kind: String, _ bytes: [UInt8]) -> [UInt8] {
        var sha = Insecure.SHA1()
        sha.update(data: Data("\(kind) \(bytes.count)\0".utf8))
        sha.update(data: bytes)
        return Array(sha.finalize())
    }
}
