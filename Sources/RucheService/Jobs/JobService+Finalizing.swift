import Glibc
import Logging
import RucheCore
import RucheEngines
import RucheHost
import SystemPackage

extension JobService {
    /// Attempts at collecting before the job is closed without its results. A full disk is waited for.
    private static let collectAttempts = 5

    /// Collects logs and outputs, removes the container, writes the record, and ends the job.
    ///
    /// Every part can be done again: a crash anywhere in here is followed by all of it at the next start.
    func finalize(_ id: Identifier) async {
        var failures = 0
        while !Task.isCancelled, let job = active[id] {
            do {
                // The exit must be safe before the container, its only other witness, goes.
                try await journal.wait(job.ticket)
                try await finalizeOnce(id, failure: nil)
                return
            } catch {
                if Task.isCancelled { return }
                logger.error("can't finalize a job, trying again", metadata: ["job": "\(id)", "error": "\(error)"])
                if !Self.isDiskFull(error) { failures += 1 }
                if failures == Self.collectAttempts { return await giveUp(id, error) }
                do { try await Task.sleep(for: .seconds(failures == 0 ? 1 : 0.2)) } catch { return }
            }
        }
    }

    private static func isDiskFull(_ error: any Error) -> Bool {
        (error as? Errno) == .noSpace || (error as? RucheError)?.code == .diskFull
    }

    private func finalizeOnce(_ id: Identifier, failure: String?) async throws {
        guard var record = active[id]?.record else { return }
        let folder = JobFolder(data: configuration.data, id: id)
        try FileTree.makeFolder(folder.root, permissions: 0o750)
        var monitor = JobMonitor(folder: folder)
        if let last = monitor.progress() { progressed(id, last) }
        tellProgress(id, isLast: true)
        record.progress = active[id]?.record.progress
        record.progressLabel = active[id]?.record.progressLabel
        let console = FileTree.exists(folder.liveConsole) ? folder.liveConsole : folder.console
        if let gap = try LogThinning.thin(console, limit: configuration.consoleLimit.bytes) {
            record.warnings.append(
                "\(gap.lines) lines (\(gap.bytes) bytes) in the middle of the console were dropped: it has room for "
                    + "\(configuration.consoleLimit.bytes) bytes")
        }
        _ = try await ConsoleSplitter.split(console, into: folder.logs)
        record.usage = await finalUsage(record)
        let ended = record
        async let deletion: Void = deleteContainer(ended)
        if FileTree.exists(folder.logs) { try await OutputCollector.reclaim(folder.logs) }
        if failure == nil, let delay = retryDelay(record) {
            await deletion
            return try await tryAgain(record, folder, after: delay)
        }
        let collection = try await OutputCollector.collect(folder.outputs)
        record.outputs = collection.outputs
        record.warnings += collection.warnings
        // The inputs as the hashing, which ended before, left them.
        let failure = failure ?? active[id]?.inputFailure ?? Self.changedInput(record.inputs)
        _ = record.machine.finalized(failure: failure)
        record.endedAt = configuration.now()
        record.ranSeconds = active[id]?.runningSince.map { (configuration.instant() - $0).seconds }
        await deletion
        try keepConsole(folder)
        try write(record, to: folder)
        try cleanUp(folder)
        try await close(record)
    }

    /// Ends a job whose results can't be collected; its folder stays as it is.
    private func giveUp(_ id: Identifier, _ error: any Error) async {
        guard var record = active[id]?.record else { return }
        await deleteContainer(record)
        record.warnings.append("the results could not be collected: \(error)")
        _ = record.machine.finalized(failure: "the results could not be collected: \(error)")
        record.endedAt = configuration.now()
        while !Task.isCancelled {
            do { return try await close(record) } catch {
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }

    /// Records the final state, and forgets the job once that is durable.
    private func close(_ record: JobRecord) async throws {
        var data: [String: JSONValue] = ["outputs": .integer(Int64(record.outputs.count))]
        if let value = record.progress { data["progress"] = .number(value) }
        if let start = record.startedAt, let end = record.endedAt {
            data["seconds"] = .number(Double(end - start) / 1000)
        }
        if let exit = record.exit {
            data["reason"] = .string(exit.reason.rawValue)
            if let code = exit.code { data["code"] = .integer(Int64(code)) }
            if let message = exit.message { data["message"] = .string(message) }
        }
        try await journal.wait(journal.add(record, [record.event("job.ended", data)]))
        logger.info(
            "job ended",
            metadata: ["job": "\(record.id)", "state": "\(record.state)", "outputs": "\(record.outputs.count)"])
        learn(record)
        release(record.id, as: record.state)
    }

    static func changedInput(_ inputs: [JobInput]) -> String? {
        for input in inputs {
            guard let path = input.path, let identity = input.identity else { continue }
            guard let now = FileIdentity(path: FilePath(path)) else {
                return "the input \(path) vanished while the job ran"
            }
            if now != identity { return "the input \(path) changed while the job ran" }
        }
        return nil
    }

    /// Before it is tried again. The longer ones are for an engine that is away, as when it is started anew; after them a
    /// container is left to the next start of the service.
    private static let deletionPauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(5), .seconds(15)]
    private static let shortPauses = 2

    /// A container that was never made, or is gone already, is no error.
    func deleteContainer(_ record: JobRecord) async {
        guard let engine = try? engine(record.engine) else { return }
        for attempt in 0... {
            var isAway = false
            do {
                return try await engine.delete(record.container)
            } catch let error as RucheError where error.code == .notFound {
                return
            } catch {
                isAway = (error as? RucheError)?.code == .engineUnavailable
                logger.warning(
                    "can't remove a container", metadata: ["job": "\(record.id)", "error": "\(error)"])
            }
            guard attempt < (isAway ? Self.deletionPauses.count : Self.shortPauses) else { return }
            // At a shutdown there is no time for it.
            do { try await Task.sleep(for: Self.deletionPauses[attempt]) } catch { return }
        }
    }

    func keepConsole(_ folder: JobFolder) throws {
        guard FileTree.exists(folder.liveConsole) else { return }
        let file = try FileDescriptor.open(folder.liveConsole, .readOnly, options: [.closeOnExec, .noFollow])
        try file.closeAfter { try file.sync() }
        try LogGap.move(folder.liveConsole, to: folder.console)
        chmod(folder.console.string, 0o640)
    }

    private func write(_ record: JobRecord, to folder: JobFolder) throws {
        var versions = ["ruche": configuration.version]
        var system = utsname()
        if uname(&system) == 0 {
            versions["kernel"] = withUnsafeBytes(of: &system.release) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
        }
        try AtomicFile.write(
            JSONText.bytes(RunRecord(record, versions: versions), pretty: true) + [10], to: folder.record)
    }

    /// Removes what only the container needed. Of the inputs the configuration stays; files stay where they were.
    func cleanUp(_ folder: JobFolder) throws {
        try FileTree.remove(folder.scratch)
        try FileTree.remove(folder.token)
        try FileTree.remove(folder.curl)
        guard FileTree.exists(folder.inputs) else { return }
        for name in try FileTree.names(in: folder.inputs) where name != FileName.reserved {
            try FileTree.remove(folder.inputs.appending(name))
        }
    }
}
