import Glibc
import SystemPackage

/// Writes to standard output and standard error.
enum StandardStream {
    static func write(_ text: String, to descriptor: Int32) {
        do {
            _ = try FileDescriptor(rawValue: descriptor).writeAll(text.utf8)
        } catch Errno.brokenPipe {
            // Whoever read this has gone (`| head`): stop as a program does that such a pipe ends, but orderly.
            kill(getpid(), SIGTERM)
        } catch {
            // There is no other place to tell of a failure to write.
        }
    }
}
