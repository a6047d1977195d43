import CLibarchive
import Glibc
import RucheCore
import Synchronization
import SystemPackage

/// A program whose descriptors lead to files, in a session of its own, or one that has this process's terminal. Nothing
/// is piped, so that one which goes on in the background holds no end of ours.
final class SpawnedProcess: Sendable {
    private let pid: pid_t
    /// True once the process was collected: its number may be another's then.
    private let isCollected = Mutex(false)

    private let hasOwnSession: Bool

    /// Starts `path`; without `files` it inherits the descriptors and the session of this process. Throws the system's
    /// error when it can't be.
    init(_ path: String, _ command: Command, _ environment: [String: String], _ files: [Int32: Command.File]?) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        if let files { try Self.prepare(&actions, command, files) }
        try Self.closeOthers(&actions, than: files.map { Set($0.keys) } ?? [])
        // Last, so that the files are named as this process sees them.
        if let folder = command.workingDirectory {
            try Self.check(posix_spawn_file_actions_addchdir_np(&actions, folder.string))
        }
        hasOwnSession = files != nil
        try Self.prepare(&attributes, newSession: hasOwnSession)
        let words = ([path] + command.arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var pid: pid_t = 0
        try Self.check(posix_spawn(&pid, path, &actions, &attributes, words, variables))
        self.pid = pid
    }

    /// Returns when the process that was started has ended, not those it left. Cancelling sends TERM to the
    /// process group, KILL after five seconds, and throws `CancellationError`.
    func end() async throws -> ExitStatus {
        // A task of its own: the process is collected whatever happens to the caller.
        let waiting = Task { try await collect() }
        let status = try await withTaskCancellationHandler {
            try await waiting.value
        } onCancel: {
            signal(SIGTERM)
            Task {
                try await Task.sleep(for: .seconds(5))
                signal(SIGKILL)
            }
        }
        try Task.checkCancellation()
        return status
    }

    private func collect() async throws -> ExitStatus {
        let start = ContinuousClock.now
        while true {
            if let status = try isCollected.withLock({ try poll(&$0) }) { return status }
            // What goes to the background is short: it is seen fast, and what lasts costs little.
            let pause = min(max((ContinuousClock.now - start) / 10, .milliseconds(1)), .milliseconds(50))
            try await Task.sleep(for: pause)
        }
    }

    private func poll(_ isCollected: inout Bool) throws -> ExitStatus? {
        var status: Int32 = 0
        let found = waitpid(pid, &status, WNOHANG)
        guard found != 0 else { return nil }
        guard found == pid else { throw Errno(rawValue: errno) }
        isCollected = true
        // wait(2): the low seven bits are the signal, the second byte is the exit status.
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }

    private func signal(_ signal: Int32) {
        isCollected.withLock { if !$0 { kill(hasOwnSession ? -pid : pid, signal) } }
    }

    private static func prepare(
        _ actions: inout posix_spawn_file_actions_t, _ command: Command, _ files: [Int32: Command.File]
    ) throws {
        guard case .none = command.input else {
            throw RucheError(.internalError, "\(command.executable) gets no input when its output goes to files")
        }
        // First to numbers that nobody has: one may have a number that another one is to get.
        var copies: [Int32: Int32] = [:]
        var next = (files.keys.max() ?? 0) + 1
        for case .descriptor(let other) in files.values { next = max(next, other + 1) }
        for (descriptor, file) in files {
            guard case .descriptor(let other) = file else { continue }
            try check(posix_spawn_file_actions_adddup2(&actions, other, next))
            copies[descriptor] = next
            next += 1
        }
        for descriptor in Set(files.keys).union([0, 1, 2]).sorted() {
            func open(_ path: FilePath, _ flags: Int32) -> Int32 {
                posix_spawn_file_actions_addopen(&actions, descriptor, path.string, flags, 0o600)
            }
            switch files[descriptor] {
            case .read(let path): try check(open(path, O_RDONLY))
            case .write(let path): try check(open(path, O_WRONLY | O_CREAT | O_TRUNC))
            case .descriptor(let other):
                try check(posix_spawn_file_actions_adddup2(&actions, copies[descriptor] ?? other, descriptor))
            case nil: try check(open("/dev/null", O_RDWR))
            }
        }
    }

    /// Not every library opens sockets so that a program does not get them: one that goes on would keep our clients
    /// waiting, and our ports taken, when this process is gone.
    private static func closeOthers(
        _ actions: inout posix_spawn_file_actions_t, than kept: Set<Int32>
    ) throws {
        let end = max(3, (kept.max() ?? 0) + 1)
        for descriptor in 3..<end where !kept.contains(descriptor) {
            try check(posix_spawn_file_actions_addclose(&actions, descriptor))
        }
        try check(posix_spawn_file_actions_addclosefrom_np(&actions, end))
    }

    /// No signal blocked, none ignored: this process ignores some that others live by.
    private static func prepare(_ attributes: inout posix_spawnattr_t, newSession: Bool) throws {
        var signals = sigset_t()
        sigemptyset(&signals)
        try check(posix_spawnattr_setsigmask(&attributes, &signals))
        sigfillset(&signals)
        try check(posix_spawnattr_setsigdefault(&attributes, &signals))
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (newSession ? 0x80 : 0)  // POSIX_SPAWN_SETSID
        try check(posix_spawnattr_setflags(&attributes, Int16(flags)))
    }

    private static func check(_ result: Int32) throws {
        guard result == 0 else { throw Errno(rawValue: result) }
    }
}
