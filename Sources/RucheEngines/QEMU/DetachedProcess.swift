import RucheCore
import RucheHost
import SystemPackage

/// A program that goes on when this process ends, told later by its number and a word among its arguments.
struct DetachedProcess: Sendable {
    /// Where it is started.
    var folder: FilePath
    /// Names its files there: `NAME.pid` and `NAME.log`.
    var name: String
    /// An argument that no other process has.
    var mark: String

    private var pidFile: FilePath { folder.appending("\(name).pid") }
    private var logFile: FilePath { folder.appending("\(name).log") }

    /// Starts it in a session of its own; it may still fail. `descriptors` are open in it under their numbers.
    func start(_ arguments: [String], descriptors: [Int32: Int32] = [:], runner: any CommandRunning) async throws {
        try FileTree.remove(pidFile)
        // The shell becomes the program: the number it writes is the program's.
        let script = #"echo $$ >"$0" && exec "$@""#
        var command = Command(
            "setsid", ["--fork", "sh", "-c", script, pidFile.string] + arguments, workingDirectory: folder)
        var files: [Int32: Command.File] = [2: .write(logFile)]
        for (number, descriptor) in descriptors { files[number] = .descriptor(descriptor) }
        command.output = .files(files)
        try await runner.runChecked(command)
        // Until then one that was killed at once could not be told from one that was never started.
        for _ in 0..<500 where identity == nil && !hasNumber {
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// The process, where it runs.
    var identity: ProcessIdentity? {
        guard let pid = number, let identity = ProcessIdentity(of: pid),
            ProcessIdentity.arguments(of: pid).contains(where: { $0.contains(mark) })
        else { return nil }
        return identity
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
        for _ in 0..<1000 where identity.isAlive { try await Task.sleep(for: .milliseconds(5)) }
        guard !identity.isAlive else {
            throw RucheError(.engineUnavailable, "process \(identity.pid) can't be ended")
        }
    }

    private var hasNumber: Bool { number != nil }

    private var number: Int32? {
        guard let bytes = try? AtomicFile.read(pidFile, limit: 64) else { return nil }  // not started
        return Int32(String(decoding: bytes, as: UTF8.self).trimming())
    }
}

extension String {
    fileprivate func trimming() -> String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
