import FoundationEssentials
import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Starts conmon, which makes a container with runc, holds its streams and writes its exit status to a file.
struct ConmonSupervisor: Sendable {
    /// What conmon reports when `runc create` has ended: the process number, or -1 with a message.
    private struct Report: Decodable {
        var data: Int32
        var message: String?
    }

    private static let deadline = Duration.seconds(60)
    /// Seconds after which conmon ends a container whose engine did not: it counts from before the start.
    private static let backstop = 10
    /// What conmon and, through it, runc find in their environment. runc lives for milliseconds, most of them spent
    /// on starting its language's scheduler and collector: one processor and no collection are faster.
    private static let environment = [
        "_OCI_SYNCPIPE": "3", "_OCI_STARTPIPE": "4", "GOMAXPROCS": "1", "GOGC": "off", "LC_ALL": "C",
    ]

    let runner: any CommandRunning
    let paths: OCIRuntimePaths
    /// Bytes of console log after which conmon goes on reading and drops what it reads.
    let logLimit: ByteCount

    /// Makes the container of the bundle in its folder, not started yet. `timeLimit` is in seconds.
    ///
    /// conmon is started at once and waits at `barrier`, so that the bundle can be made meanwhile: on another thread,
    /// because the engine's own is the one that makes it.
    @concurrent func create(
        _ id: String, log: FilePath, timeLimit: Int?, barrier: ConmonBarrier
    ) async throws -> ContainerRecord.Processes {
        guard let conmon = Tool.find(Tool.conmon.name) else { throw Tool.missing(Tool.conmon.name) }
        let folder = paths.folder(id)
        for name in ["status", "s"] { try FileTree.makeFolder(folder.appending(name), permissions: 0o700) }
        // conmon takes what follows a colon in the log's path for something else: give it a name without.
        guard symlink(log.string, folder.appending("log").string) == 0 else { throw Errno(rawValue: errno) }
        let fast = try MemoryFolder.make(id)
        defer { try? MemoryFolder.remove(id) }  // `delete` does it again
        let arguments = try arguments(id, pidFile: (fast ?? folder).appending("pid"), timeLimit: timeLimit)
        var command = Command(
            conmon, arguments, environment: Self.environment, workingDirectory: folder)
        command.output = .files([
            2: .write(paths.conmonLog(id)), 3: .write(paths.conmonMessage(id)), 4: .read(barrier.path),
        ])
        do {
            try await runner.runChecked(command)
        } catch let ended as ProcessFailure {
            throw failure(id, "\(ended)")
        }
        let process = try ProcessIdentity(of: number(in: paths.conmonPID(id)))
        let report = try await report(id, process)
        guard report.data > 0 else { throw failure(id, report.message) }
        // One that was let run at once may have ended by now, and conmon with it.
        return ContainerRecord.Processes(conmon: process, first: ProcessIdentity(of: report.data))
    }

    /// The processes of a container whose making another process did not see the end of; nil when it was not made.
    func adopt(_ id: String) async throws -> ContainerRecord.Processes? {
        let process = running(id)
        do {
            let report = try await report(id, process)
            guard report.data > 0 else { return nil }
            return ContainerRecord.Processes(conmon: process, first: ProcessIdentity(of: report.data))
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch let error as RucheError where error.code == .engineUnavailable {
            return nil
        }
    }

    /// conmon's number, when the file holds one and the process is this container's conmon.
    func running(_ id: String) -> ProcessIdentity? {
        guard let pid = try? number(in: paths.conmonPID(id)), let process = ProcessIdentity(of: pid) else { return nil }
        return ProcessIdentity.arguments(of: pid).contains(id) ? process : nil
    }

    /// Ends whatever is making a container: conmon, which may not have told its number yet, and runc, which is in its
    /// process group and may make a control group in its last moment.
    func end(_ id: String) async throws {
        for _ in 0..<200 {
            let numbers = try FileTree.names(in: "/proc").compactMap { Int32($0) }
            let found = numbers.filter { number in
                let arguments = ProcessIdentity.arguments(of: number)
                guard let program = arguments.first, arguments.contains(id) else { return false }
                return program.hasSuffix(Tool.conmon.name)
                    || program.hasSuffix(Tool.runc.name) && arguments.contains("create")
            }
            if found.isEmpty { return }
            for number in found {
                kill(-number, SIGKILL)
                kill(number, SIGKILL)
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    private func arguments(_ id: String, pidFile: FilePath, timeLimit: Int?) throws -> [String] {
        guard let runc = Tool.find(Tool.runc.name) else { throw Tool.missing(Tool.runc.name) }
        let folder = paths.folder(id)
        var arguments = [
            "--api-version", "1", "--cid", id, "--cuuid", id, "--name", id, "--runtime", runc, "--bundle",
            folder.string, "--container-pidfile", pidFile.string, "--conmon-pidfile",
            paths.conmonPID(id).string, "--log-path", "k8s-file:log", "--log-global-size-max",
            String(logLimit.bytes), "--no-sync-log", "--exit-dir", folder.appending("status").string,
            // Relative to the working directory: socket names have room for 107 bytes only.
            "--socket-dir-path", "s", "--persist-dir", folder.string,
            "--runtime-arg=--root=\(paths.runc)", "--runtime-arg=--log=\(paths.runcLog(id))",
            "--runtime-arg=--log-format=json",
        ]
        if let timeLimit {
            arguments += ["--timeout", String(min(max(0, timeLimit), Int(Int32.max) / 1000) + Self.backstop)]
        }
        return arguments
    }

    private func report(_ id: String, _ conmon: ProcessIdentity?) async throws -> Report {
        let end = ContinuousClock.now + Self.deadline
        var alive = true
        // conmon has the file open as long as it lives: its end is a change as well.
        let watch = FileWatch()
        watch.add(paths.conmonMessage(id))
        for await _ in watch.looks {
            let bytes = try AtomicFile.read(paths.conmonMessage(id), limit: 1 << 20)
            if bytes.last == UInt8(ascii: "\n") { return try JSONDecoder().decode(Report.self, from: Data(bytes)) }
            // One more look after its end: it may have written just before.
            guard alive else { throw failure(id, nil) }
            alive = conmon?.isAlive ?? false
            guard ContinuousClock.now < end else {
                let seconds = Int(Self.deadline.seconds)
                throw RucheError(.engineUnavailable, "the container \(id) was not made within \(seconds) s")
            }
        }
        throw CancellationError()
    }

    private func failure(_ id: String, _ message: String?) -> RucheError {
        let log = (try? AtomicFile.read(paths.conmonLog(id), limit: 1 << 20)).map {
            String(decoding: $0, as: UTF8.self).split(separator: "\n").suffix(3).joined(separator: "; ")
        }
        let said = [message, log].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
        let reason = RuncLog.firstError(in: paths.runcLog(id)) ?? (said.isEmpty ? "conmon ended early" : said)
        return RucheError(.engineUnavailable, "the container could not be made: \(reason)", details: ["id": id])
    }

    private func number(in path: FilePath) throws -> Int32 {
        let text = try String(decoding: AtomicFile.read(path, limit: 64), as: UTF8.self)
        guard let number = Int32(text.filter { !$0.isWhitespace }) else {
            throw RucheError(.engineUnavailable, "\"\(path)\" holds no process number")
        }
        return number
    }
}
