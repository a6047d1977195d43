import Glibc
import RucheCore
import RucheHost
import Synchronization
import SystemPackage

/// Keeps blobs from garbage collection until a release names them.
///
/// While a lease is alive, every blob that its store writes or looks at is noted in the lease's file, and no
/// process collects a blob noted by a live lease. The file is locked (flock); the kernel drops the lock when the
/// process dies, and the next collection removes the file of a dead lease. Take one before the first write of
/// a build or import, and drop it after publishing.
///
/// A lease that ends while a collection works leaves its file to it: what it stood for may have got its name after the
/// collection looked at the names.
package final class ContentLease: Sendable {
    private struct State {
        var noted: Set<Digest> = []
        var descriptor: FileDescriptor?
    }

    private let state: Mutex<State>
    let path: FilePath

    init(folder: FilePath) throws {
        let (path, descriptor) = try LockedFile.make(in: folder, suffix: "lease", options: [.append])
        self.path = path
        state = Mutex(State(descriptor: descriptor))
    }

    deinit { end() }

    /// Gives up the protection; harmless when called again.
    package func end() {
        state.withLock { state in
            guard let descriptor = state.descriptor else { return }
            if !CollectionMark.isSet(in: path.removingLastComponent())
                || rename(path.string, path.string + CollectionMark.endedSuffix) != 0
            {
                unlink(path.string)
            }
            try? descriptor.close()  // the file is gone, and closing drops the lock
            state.descriptor = nil
        }
    }

    func holds(_ digest: Digest) -> Bool { state.withLock { $0.descriptor == nil || $0.noted.contains(digest) } }

    /// Call with the collection gate shared, so that no collection is between its look at this file and its removal.
    func note(_ digest: Digest) throws {
        try state.withLock { state in
            guard let descriptor = state.descriptor, !state.noted.contains(digest) else { return }
            do { _ = try descriptor.writeAll(Array("\(digest.hex)\n".utf8)) } catch let error as Errno {
                throw RucheError.storage(error, "write", path)
            }
            state.noted.insert(digest)
        }
    }

    /// What live leases of any process protect; files of dead ones are removed.
    static func protected(in folder: FilePath) throws -> Set<Digest> {
        var result: Set<Digest> = []
        // Of two looks: a lease that ends between them is found under its other name.
        let names = try FileTree.names(in: folder) + FileTree.names(in: folder)
        for name in Set(names) where name.hasSuffix(".lease") || name.hasSuffix(CollectionMark.endedSuffix) {
            let path = folder.appending(name)
            if name.hasSuffix(".lease"), try LockedFile.removeIfDead(path) { continue }
            guard let bytes = try? AtomicFile.read(path, limit: 1 << 30) else { continue }  // ended meanwhile
            for line in bytes.split(separator: 10) {
                if let digest = Digest(hex: String(decoding: line, as: UTF8.self)) { result.insert(digest) }
            }
        }
        return result
    }
}
