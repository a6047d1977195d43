import Glibc
import Logging
package import RucheCore
import RucheEngines
import RucheHost
import RucheStore
import SystemPackage

extension JobService {
    private enum Found {
        case observed(ObservedContainer)
        case lost(String)

        var observed: ObservedContainer { if case .observed(let container) = self { container } else { .created } }
    }

    private static let removalMark = ".removing-"

    /// Holds every job that is not final against what its engine reports, and goes on with each. The second
    /// call does nothing.
    package func recover() async throws {
        guard !isRecovered else { return }
        isRecovered = true
        try prepareFolders()
        _ = try await restoreRecords()
        try await completeLists()
        let rows = try await configuration.database.read { try JobRepository($0).unfinished() }
        isScheduling = false
        defer {
            isScheduling = true
            schedule()
        }
        var records: [JobRecord] = []
        for row in rows where Identifier(row.id).map({ active[$0] == nil }) ?? true {
            do {
                let record = try JobRecord(row: row)
                active[record.id] = ActiveJob(record: record)
                records.append(record)
            } catch let error as RucheError where error.code == .corruptContent {
                // Its row stays for a person to look at; the others go on.
                logger.error("a job's record can't be read", metadata: ["job": "\(row.id)", "error": "\(error)"])
            }
        }
        let containers = await containers()
        for record in records { try await recover(record, containers[record.engine]) }
        await discardLeftovers()
        try await discardUnaccepted()
    }

    /// Removes folders of jobs that were being prepared while they were recorded, and never were. Only where
    /// nothing was written: the database may be a new one, made in the place of a damaged one.
    private func discardUnaccepted() async throws {
        for name in try FileTree.names(in: configuration.data.appending("jobs")) {
            guard let id = Identifier(name), active[id] == nil else { continue }
            let folder = JobFolder(data: configuration.data, id: id)
            guard !FileTree.exists(folder.record), FileTree.exists(folder.inputs),
                try [folder.outputs, folder.logs].allSatisfy({ try Self.isEmpty($0) }),
                try await configuration.database.read({ try JobRepository($0).job(name) }) == nil
            else { continue }
            logger.info("folder of a job that was not accepted removed", metadata: ["job": "\(id)"])
            try FileTree.remove(folder.root)
        }
    }

    private static func isEmpty(_ folder: FilePath) throws -> Bool {
        try !FileTree.exists(folder) || FileTree.names(in: folder).isEmpty
    }

    private func prepareFolders() throws {
        let jobs = configuration.data.appending("jobs")
        try FileTree.makeFolder(jobs, permissions: 0o750)
        for name in try FileTree.names(in: jobs) where name.hasPrefix(Self.removalMark) {
            try FileTree.remove(jobs.appending(name))
        }
        guard let notify = configuration.notifyFolder else { return }
        try FileTree.makeFolder(notify, permissions: 0o755)
        // Jobs look through it whatever the umask; the token of each is mounted over the placeholder.
        guard chmod(notify.string, 0o755) == 0 else { throw Errno(rawValue: errno) }
        let placeholder = notify.appending("token")
        if !FileTree.exists(placeholder) { try AtomicFile.write([], to: placeholder, permissions: [.ownerRead]) }
    }

    /// What each engine that answers has, so that it need not be asked for every job that only waits.
    private func containers() async -> [String: Set<String>] {
        var result: [String: Set<String>] = [:]
        for (name, engine) in configuration.engines {
            if let list = try? await engine.list() { result[name] = Set(list) }  // it is asked job by job then
        }
        return result
    }

    private func recover(_ record: JobRecord, _ containers: Set<String>?) async throws {
        let id = record.id
        let container: Found
        do {
            let isAbsent = record.state == .queued && containers?.contains(record.container) == false
            let state = isAbsent ? .absent : try await engine(record.engine).state(record.container)
            if case .exited(let exit) = state, let lost = exit.lost {
                container = .lost(lost)
            } else {
                container = .observed(state.observed)
            }
        } catch let error as RucheError where error.code == .notFound {
            container = .observed(.absent)
        } catch let error as RucheError where error.code == .unsupported {
            container = .observed(.absent)
        } catch {
            // An engine that does not answer now may still run it: waiting tells.
            logger.warning("an engine does not answer", metadata: ["engine": "\(record.engine)", "error": "\(error)"])
            container = .observed(record.state == .queued ? .absent : .running)
        }
        let before = record.state
        let action = step(id) { machine in
            // What was interrupted while it was made never ran; what was lost while it ran is lost.
            guard case .lost(let message) = container else { return machine.recovered(container.observed) }
            return [.running, .paused].contains(before)
                ? machine.containerLost(message) : machine.recovered(.created)
        }
        logger.info(
            "job taken up", metadata: ["job": "\(id)", "state": "\(before)", "container": "\(container)"])
        try await act(action, id)
    }

    private func act(_ action: JobAction, _ id: Identifier) async throws {
        switch action {
        case .enqueue: try await enqueueAgain(id)
        case .discardAndEnqueue:
            if let record = active[id]?.record { await discard(record) }
            try await enqueueAgain(id)
        case .supervise, .terminate:
            if active[id]?.record.startedAt == nil {
                active[id]?.record.startedAt = configuration.now()
                active[id]?.record.startedTick = MachineClock.now()
            }
            record(id, "job.started", ["recovered": true])
            if case .terminate(let thaw) = action { active[id]?.terminate.yield(thaw) }
            takeSlot(id)
            worker.yield(.attach(id))
        case .finalize:
            record(id, "job.finalizing", ["recovered": true])
            worker.yield(.finish(id))
        case .none, .prepare, .pause, .resume, .interruptPreparation, .announce, .discard: break
        }
    }

    private func discard(_ record: JobRecord) async {
        await deleteContainer(record)
        do {
            try FileTree.remove(JobFolder(data: configuration.data, id: record.id).scratch)
        } catch {
            logger.warning("can't remove a folder", metadata: ["job": "\(record.id)", "error": "\(error)"])
        }
    }

    /// Removes containers of jobs that are over: the process died between the record and the removal.
    private func discardLeftovers() async {
        for engine in configuration.engines.values {
            guard let containers = try? await engine.list() else { continue }  // it is asked again at the next start
            for container in containers {
                guard container.hasPrefix("ruche-"), let id = Identifier(container.dropFirst(6).prefix(26)),
                    active[id]?.record.container != container
                else { continue }
                logger.info("leftover container removed", metadata: ["container": "\(container)"])
                do {
                    try await engine.delete(container)
                    if active[id] == nil { try FileTree.remove(JobFolder(data: configuration.data, id: id).scratch) }
                } catch {
                    logger.warning(
                        "can't remove a leftover", metadata: ["container": "\(container)", "error": "\(error)"])
                }
            }
        }
    }

    /// Removes a final job: its record and everything it left. Throws `invalid_state` for one that is not final.
    package func remove(_ id: Identifier) async throws {
        let record = try await job(id)
        guard record.state.isFinal, active[id] == nil else {
            throw RucheError(
                .invalidState, "job \(id) is \(record.state.rawValue): cancel it before it is removed",
                details: ["state": record.state.rawValue])
        }
        let folder = JobFolder(data: configuration.data, id: id).root
        let removed = folder.removingLastComponent().appending(Self.removalMark + id.description)
        if FileTree.exists(folder) { try AtomicFile.rename(folder, to: removed) }
        do {
            try await configuration.events.write([record.event("job.removed")]) {
                try JobRepository($0).remove(id.description)
                try FileRepository($0).remove(job: id.description)
                try JobSummaryRepository($0).remove(id.description)
            }
        } catch {
            try AtomicFile.rename(removed, to: folder)
            throw error
        }
        try FileTree.remove(removed)
    }
}
