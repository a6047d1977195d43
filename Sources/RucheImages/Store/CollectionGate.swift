import Glibc
import RucheHost
import SystemPackage

/// Keeps "this blob is needed" and "remove this blob" apart, between processes: noting in a lease is shared,
/// removing is exclusive. Held for microseconds, and given to who notes before who removes: a collection takes it again
/// and again, and nobody who publishes waits for more than one blob of it.
struct CollectionGate: Sendable {
    let path: FilePath

    /// Held, shared, by who waits to note.
    private var queue: FilePath { FilePath(path.string + ".queue") }

    func shared<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await Self.with(path) { gate in
            if try !Self.take(gate, LOCK_SH) {
                try await Self.with(queue) { queue in
                    try await Self.wait(queue, LOCK_SH)
                    try await Self.wait(gate, LOCK_SH)
                }
            }
            return try await body()
        }
    }

    func exclusive<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await Self.with(path) { gate in
            try await Self.with(queue) { queue in
                try await Self.wait(queue, LOCK_EX)
                try await Self.wait(gate, LOCK_EX)
            }
            return try await body()
        }
    }

    /// A descriptor for each use: locks belong to the open file, so users of one would unlock each other.
    private static func with<Result>(
        _ path: FilePath, _ body: (FileDescriptor) async throws -> Result
    ) async throws -> Result {
        let descriptor = try FileDescriptor.open(
            path, .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite])
        defer {
            // A program that is started meanwhile has the descriptor as well until its exec, and the lock with it:
            // closing alone would leave it locked for that long.
            flock(descriptor.rawValue, LOCK_UN)
            try? descriptor.close()  // nothing was written to it
        }
        return try await body(descriptor)
    }

    private static func wait(_ descriptor: FileDescriptor, _ mode: Int32) async throws {
        while try !take(descriptor, mode) { try await Task.sleep(for: .milliseconds(1)) }
    }

    private static func take(_ descriptor: FileDescriptor, _ mode: Int32) throws -> Bool {
        if flock(descriptor.rawValue, mode | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK || errno == EINTR else { throw Errno(rawValue: errno) }
        return false
    }
}
