import Glibc
import RucheHost
import SystemPackage

/// Keeps "this blob is needed" and "remove this blob" apart, between processes: noting in a lease is shared,
/// removing is exclusive. Held for microseconds.
struct CollectionGate: Sendable {
    let path: FilePath

    func shared<Result>(_ body: () async throws -> Result) async throws -> Result { try await with(LOCK_SH, body) }
    func exclusive<Result>(_ body: () async throws -> Result) async throws -> Result { try await with(LOCK_EX, body) }

    private func with<Result>(_ mode: Int32, _ body: () async throws -> Result) async throws -> Result {
        // A descriptor for each use: locks belong to the open file, so users of one would unlock each other.
        let descriptor = try FileDescriptor.open(
            path, .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite])
        do {
            while flock(descriptor.rawValue, mode | LOCK_NB) != 0 {
                guard errno == EWOULDBLOCK || errno == EINTR else { throw Errno(rawValue: errno) }
                try await Task.sleep(for: .milliseconds(1))
            }
            let result = try await body()
            try descriptor.close()
            return result
        } catch {
            try? descriptor.close()  // the body's error is the one to report
            throw error
        }
    }
}
