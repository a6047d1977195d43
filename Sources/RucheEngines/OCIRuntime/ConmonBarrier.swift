import Glibc
import RucheHost
import SystemPackage

/// What conmon waits at before it makes its container: a named pipe of which this process holds the other end.
///
/// When this process ends, conmon finds no bundle, or makes a container that nobody lets run; the next process
/// removes either.
struct ConmonBarrier: Sendable {
    let path: FilePath
    private let end: FileDescriptor

    init(_ path: FilePath) throws {
        self.path = path
        guard mkfifo(path.string, 0o600) == 0 else { throw Errno(rawValue: errno) }
        // For reading too: then opening it waits for nobody, here and in conmon.
        end = try FileDescriptor.open(path, .readWrite, options: [.closeOnExec, .noFollow])
    }

    /// Lets conmon pass, now or when it comes.
    func open() throws { _ = try end.writeAll([10]) }

    /// To be called when conmon has passed or was ended.
    func close() { try? end.close() }  // nothing is to be lost with it
}
