import CLibarchive
import Glibc
import RucheHost
package import SystemPackage

/// A shell script in a session of its own whose standard input stays open as long as this process lives: it reads
/// until the end of it and then ends what it started, also when this process was killed.
package final class WatchedScript: Sendable {
    package let pid: Int32
    private let input: Int32

    /// `arguments` become `$1`, `$2`, …; what the script says goes to `log`.
    package init(_ script: String, _ arguments: [String], log: FilePath) throws {
        var ends: [Int32] = [0, 0]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw Errno(rawValue: errno) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, log.string, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of the runtime block signals, and a shell that SIGCHLD can't reach waits for ever.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(0x80 | POSIX_SPAWN_SETSIGMASK))  // 0x80 is POSIX_SPAWN_SETSID
        var words = (["sh", "-c", script, "sh"] + arguments).map { strdup($0) } + [nil]
        var environment = [strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nil]
        defer { for word in words + environment { free(word) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, "/bin/sh", &actions, &attributes, &words, &environment)
        close(ends[0])
        guard failure == 0 else { throw Errno(rawValue: failure) }
        self.pid = pid
        input = ends[1]
    }

    /// Lets the script end what it started, and waits for that.
    package func end() async throws {
        close(input)
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 { try await Task.sleep(for: .milliseconds(20)) }
    }
}
