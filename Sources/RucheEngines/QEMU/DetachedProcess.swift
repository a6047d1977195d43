import RucheCore
import RucheHost
import SystemPackage

/// A program that goes on when this process ends, told later by its number, when it started, and a word among its
/// arguments: a number may be another's one day, of the same program even.
struct DetachedProcess: Sendable {
    /// Where it is started.
    var folder: FilePath
    /// Names its files there: `NAME.pid` and `NAME.log`.
    var name: String
    /// A part of an argument.
    var mark: String

    /// Both are done within milliseconds, but for a disk that is busy.
    private static let patience = Duration.seconds(60)

    private var pidFile: FilePath { folder.appending("\(name).pid") }
    private var logFile: FilePath { folder.appending("\(name).log") }

    /// Starts it in a session of its own; it may still fail. `descriptors` are open in it under their numbers.
    func start(_ arguments: [String], descriptors: [Int32: Int32] = [:], runner: any CommandRunning) async throws {
        try FileTree.remove(pidFile)
        // The shell becomes the program: the number and the time of its start that it writes are the program's.
        let script = #"echo $$ $(cut -d " " -f 22 /proc/$$/stat) >"$0" && exec "$@""#
        var command = Command(
            "setsid", ["--fork", "sh", "-c", script, pidFile.string] + arguments, workingDirectory: folder)
        var files: [Int32: Command.File] = [2: .write(logFile)]
        for (number, descriptor) in descriptors { files[number] = .descriptor(descriptor) }
        command.output = .files(files)
        try await runner.runChecked(command)
        // Until then one that was killed at once could not be told from one that was never started.
        // What the shell complains of is told by who looks for the process.
        let isOver = try await Waiting.until(within: Self.patience, every: .milliseconds(2)) {
            told != nil || !complaint.isEmpty
        }
        guard isOver else {
            throw RucheError(.engineUnavailable, "\(name) does not start: nothing is in \"\(pidFile)\"")
        }
    }

    /// The process, where it runs.
    var identity: ProcessIdentity? {
        guard let told, let identity = ProcessIdentity(of: told.pid), identity.startTime == told.startTime else {
            return nil
        }
        let arguments = ProcessIdentity.arguments(of: told.pid)
        // One that becomes another program just then shows none for a moment.
        return arguments.isEmpty || arguments.contains { $0.contains(mark) } ? identity : nil
    }

    /// What it said on standard error.
    var complaint: String {
        let bytes = (try? AtomicFile.read(logFile, limit: 1 << 20)) ?? []  // it said nothing, or too much
        return String(decoding: bytes, as: UTF8.self).trimming()
    }

    /// Ends it with KILL and returns when it has gone.
    func kill() async throws {
        guard let identity else { return }
        identity.send(9)
        guard try await Waiting.until(within: Self.patience, every: .milliseconds(5), { !identity.isAlive }) else {
            throw RucheError(.engineUnavailable, "process \(identity.pid) can't be ended")
        }
    }

    /// Removes what tells of one that has ended.
    func forget() throws {
        for file in [pidFile, logFile] { try FileTree.remove(file) }
    }

    /// What the file says; nil when it was not started.
    private var told: (pid: Int32, startTime: UInt64)? {
        guard let bytes = try? AtomicFile.read(pidFile, limit: 64) else { return nil }  // not started
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let pid = Int32(words[0]), let time = UInt64(words[1]) else { return nil }
        return (pid, time)
    }
}

extension String {
    fileprivate func trimming() -> String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
