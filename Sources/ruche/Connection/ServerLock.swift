import Glibc
import RucheHost
import SystemPackage

/// The lock of who serves a data directory, and the line of who would serve it next.
enum ServerLock {
    /// The lock, and whether this process follows on another: then what that one left goes on here.
    struct Turn: Sendable {
        var lock: FileLock
        var isSuccessor: Bool
    }

    static func path(_ data: FilePath) -> FilePath { data.appending("run").appending("server.lock") }

    /// Waits until nobody else serves `data`. The process counts as waiting meanwhile.
    static func acquire(_ data: FilePath) async throws -> Turn {
        if let lock = try FileLock.tryAcquire(path(data)) {
            return Turn(lock: lock, isSuccessor: try hasWaiters(data))
        }
        let line = waiting(data)
        try FileTree.makeFolder(line, permissions: 0o700)
        let place = line.appending("\(getpid()).\(UInt32.random(in: .min ... .max))")
        let waiter = try FileLock.tryAcquire(place)
        defer { withExtendedLifetime(waiter) { _ = unlink(place.string) } }
        return Turn(lock: try await FileLock.acquire(path(data)), isSuccessor: true)
    }

    /// Whether another process waits to serve `data`.
    static func hasWaiters(_ data: FilePath) throws -> Bool {
        let line = waiting(data)
        guard FileTree.isFolder(line) else { return false }
        for name in try FileTree.names(in: line) {
            let place = line.appending(name)
            guard let dead = try FileLock.tryAcquire(place) else { return true }
            withExtendedLifetime(dead) { _ = unlink(place.string) }
        }
        return false
    }

    private static func waiting(_ data: FilePath) -> FilePath { data.appending("run").appending("waiting") }
}
