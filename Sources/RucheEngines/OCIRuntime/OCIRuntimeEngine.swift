import FoundationEssentials
import Glibc
package import RucheCore
package import RucheHost
package import SystemPackage

/// Runs containers with runc, each watched by its own conmon, so that they outlive this process.
///
/// All that is known of a container is in files below `<data>/run/oci`; another process with the same data
/// directory goes on where this one stopped. At `limits.time` whoever calls `wait` or `state` kills the container;
/// conmon does ten seconds later when nobody is there.
package actor OCIRuntimeEngine: Engine {
    package nonisolated let name = "oci-runtime"
    package nonisolated let capabilities: EngineCapabilities = [
        .pause, .stats, .limits, .network, .persistent, .unfinishedLines, .writableLayer,
        .outOfMemory, .services,
    ]

    let runner: any CommandRunning
    let paths: OCIRuntimePaths
    let supervisor: ConmonSupervisor
    private var records: [String: ContainerRecord] = [:]
    /// Calls of `wait` for each container, and what they return when `delete` was faster than their next look.
    private var waiting: [String: Int] = [:]
    private var ended: [String: ContainerExit] = [:]

    /// `consoleLogLimit` bounds each console log; what comes after is read and dropped.
    package init(data: FilePath, runner: any CommandRunning, consoleLogLimit: ByteCount = ByteCount(256 << 20)) {
        self.runner = runner
        paths = OCIRuntimePaths(data: data)
        supervisor = ConmonSupervisor(runner: runner, paths: paths, logLimit: consoleLogLimit)
    }

    package func start(_ id: String) async throws {
        let record = try record(id)
        guard let first = record.processes?.first, case let state = try await state(id), state != .absent else {
            throw missing(id)
        }
        if case .exited(let exit) = state {
            // It may have ended by itself after a start that was interrupted.
            guard let reason = exit.lost else { return }
            throw RucheError(.invalidState, "the container \(id) can't be started: \(reason)")
        }
        try markStarted(id)
        try await StartGate.open(paths.startGate(id), first)
    }

    package func state(_ id: String) async throws -> ContainerState {
        try ContainerID.check(id)
        guard FileTree.exists(paths.folder(id)) else { return .absent }
        if let exit = try recordedExit(id) { return .exited(exit) }
        guard let record = try? record(id), record.boot == (try ContainerRecord.currentBoot()) else {
            return .exited(try keep(id, ContainerExit(code: 255, lost: "the machine was restarted while it ran")))
        }
        guard let processes = try await processes(record) else {
            return .exited(ContainerExit(code: 255, lost: "making the container was interrupted"))
        }
        let alive = processes.conmon?.isAlive ?? false
        // In this order: conmon writes the status and then ends.
        if let status = status(id) { return .exited(try await finish(id, status)) }
        guard alive else {
            try await ControlGroup(container: id).end()
            return .exited(try keep(id, ContainerExit(code: 255, lost: "its supervisor conmon was ended")))
        }
        if let first = processes.first, StartGate.isClosed(paths.startGate(id), first) { return .created }
        if let left = timeLeft(record), left <= .zero { return try await .exited(endAtTimeLimit(id)) }
        return try ControlGroup(container: id).isFrozen ? .paused : .running
    }

    package func wait(_ id: String) async throws -> ContainerExit {
        waiting[id, default: 0] += 1
        defer {
            waiting[id, default: 1] -= 1
            if waiting[id] == 0 {
                waiting[id] = nil
                ended[id] = nil
            }
        }
        let start = ContinuousClock.now
        var nextLook = start
        while true {
            let now = ContinuousClock.now
            if now >= nextLook || FileTree.exists(paths.status(id)) || !FileTree.exists(paths.folder(id)) {
                switch try await state(id) {
                case .exited(let exit): return exit
                case .absent:
                    if let exit = ended[id] { return exit }
                    throw missing(id)
                case .created: nextLook = now + .milliseconds(50)
                case .running, .paused:
                    nextLook = try now + min(.seconds(1), timeLeft(record(id)) ?? .seconds(1))
                }
            }
            // Short jobs are answered fast, long ones cost little: a twentieth of the time they ran, at most 50 ms.
            try await Task.sleep(for: min(max((now - start) / 20, .milliseconds(2)), .milliseconds(50)))
        }
    }

    package func pause(_ id: String) async throws {
        try await pause(id) {
            let group = try ControlGroup(container: id)
            do {
                for attempt in 0..<500 where FileTree.exists(paths.folder(id)) && status(id) == nil {
                    group.setFrozen(true)
                    if group.isFrozen { return }
                    try await Task.sleep(for: .milliseconds(attempt < 50 ? 1 : 20))
                }
                throw RucheError(
                    .engineUnavailable, "the container \(id) could not be paused: a process hangs in the kernel")
            } catch {
                group.setFrozen(false)
                throw error
            }
        }
    }

    package func resume(_ id: String) async throws {
        switch try await state(id) {
        case .absent: throw missing(id)
        case .created, .exited: throw RucheError(.invalidState, "the container \(id) is not paused")
        // One that is frozen in part runs still.
        case .running, .paused: try ControlGroup(container: id).setFrozen(false)
        }
    }

    /// A paused container gets the signal when it is resumed, KILL at once. One that has ended is no error.
    /// TERM ends a container whose processes have no handler for it.
    package func signal(_ id: String, _ signal: Int32) async throws {
        switch try await state(id) {
        case .absent: throw missing(id)
        case .exited: return
        case .created, .running, .paused: break
        }
        guard let first = try record(id).processes?.first else { return }
        if signal == SIGTERM { return try terminate(id, first) }
        first.send(signal)
        if signal == SIGKILL { try ControlGroup(container: id).setFrozen(false) }
    }

    package func stats(_ id: String) async throws -> ContainerStats {
        try ContainerID.check(id)
        guard FileTree.exists(paths.folder(id)) else { throw missing(id) }
        let usage = try ControlGroup(container: id).usage()
        return ContainerStats(
            cpuNanoseconds: usage.cpuNanoseconds, memoryBytes: usage.memoryBytes,
            memoryPeakBytes: usage.memoryPeakBytes, memoryLimitBytes: usage.memoryLimitBytes,
            processes: usage.processes, readBytes: usage.readBytes, writtenBytes: usage.writtenBytes,
            takenAt: usage.takenAt)
    }

    package func list() async throws -> [String] {
        do {
            return try FileTree.names(in: paths.containers)
        } catch Errno.noSuchFileOrDirectory {
            return []
        }
    }

    package func delete(_ id: String) async throws {
        try ContainerID.check(id)
        guard FileTree.exists(paths.folder(id)) else { return }
        // In a task of its own: a cancelled caller must not leave half a container.
        try await Task { try await clear(id) }.value
    }

    // MARK: - Records

    /// The processes of a container; nil when making it was interrupted. One that was let run before they were
    /// kept is taken up with what conmon said of it.
    private func processes(_ record: ContainerRecord) async throws -> ContainerRecord.Processes? {
        if let processes = record.processes { return processes }
        guard FileTree.exists(paths.started(record.id)) else { return nil }
        var record = record
        record.processes = try await supervisor.adopt(record.id)
        if record.processes != nil { try remember(record) }
        return record.processes
    }

    func remember(_ record: ContainerRecord) throws {
        try record.write(to: paths.record(record.id))
        records[record.id] = record
    }

    func forget(_ id: String, _ exit: ContainerExit?) {
        records[id] = nil
        if waiting[id] != nil { ended[id] = exit ?? ContainerExit(code: 137) }
    }

    func record(_ id: String) throws -> ContainerRecord {
        try ContainerID.check(id)
        guard FileTree.exists(paths.folder(id)) else { throw missing(id) }
        if let record = records[id] { return record }
        let record = try JSONDecoder().decode(
            ContainerRecord.self, from: Data(AtomicFile.read(paths.record(id), limit: 1 << 20)))
        records[id] = record
        return record
    }
}
