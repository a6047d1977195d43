import RucheCore
import RucheHost
import SystemPackage

/// What one operation needs to begin again, `<data>/operations/<id>/inputs/`.
struct OperationInputs {
    /// Starts after which an operation is not taken up again: it may be what kills the server.
    private static let attempts = 10

    let path: FilePath
    private let counter: FilePath

    /// `folder` is `<data>/operations`.
    init(folder: FilePath, id: Identifier) {
        let own = folder.appending(id.description)
        path = own.appending("inputs")
        counter = own.appending("resumed")
    }

    /// Moves a folder of the same file system here.
    func take(_ source: FilePath) throws {
        try FileTree.makeFolder(path.removingLastComponent(), permissions: 0o700)
        try AtomicFile.rename(source, to: path)
    }

    /// Whether the operation can begin again. Counts how often it did.
    func takeUp() throws -> Bool {
        guard FileTree.isFolder(path) else { return false }
        // A counter that is not there or can't be read stands for none.
        let text = (try? AtomicFile.read(counter, limit: 64)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let count = Int(text) ?? 0
        guard count < Self.attempts else { return false }
        try AtomicFile.write(Array("\(count + 1)".utf8), to: counter)
        return true
    }

    func remove() throws {
        try FileTree.remove(path)
        try FileTree.remove(counter)
    }

    /// Removes the inputs of all other operations; their logs stay.
    static func removeOthers(in folder: FilePath, than kept: Set<Identifier>) throws {
        guard FileTree.isFolder(folder) else { return }
        let names = Set(kept.map(\.description))
        for name in try FileTree.names(in: folder) where !names.contains(name) {
            for part in ["inputs", "resumed"] { try FileTree.remove(folder.appending(name).appending(part)) }
        }
    }
}
