import FoundationEssentials
import Glibc
import RucheCore
import RucheHost
import SystemPackage

extension OCIRuntimeEngine {
    private static let killed = 128 + Int(SIGKILL)

    /// The status conmon wrote: 0–255, or -1 when its own time limit ended the container.
    func status(_ id: String) -> Int? {
        guard let bytes = try? AtomicFile.read(paths.status(id), limit: 64) else { return nil }
        return Int(String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace })
    }

    func recordedExit(_ id: String) throws -> ContainerExit? {
        do {
            let bytes = try AtomicFile.read(paths.exit(id), limit: 1 << 20)
            return try JSONDecoder().decode(ContainerExit.self, from: Data(bytes))
        } catch Errno.noSuchFileOrDirectory {
            return nil
        }
    }

    /// Turns conmon's status into an exit and keeps it before its control group goes.
    func finish(_ id: String, _ status: Int) async throws -> ContainerExit {
        let group = try ControlGroup(container: id)
        let memory = group.memoryKills > 0 || FileTree.exists(paths.outOfMemory(id))
        // A frozen process takes the KILL of the time limit only when it is thawed.
        try await group.end()
        let code = status < 0 ? Self.killed : status
        // One that ended by itself at the last moment has its own code.
        let timedOut = status < 0 || (code == Self.killed && FileTree.exists(paths.timeOut(id)))
        return try keep(
            id, ContainerExit(code: code, outOfMemory: memory && status > 0 && !timedOut, timedOut: timedOut))
    }

    /// The kernel keeps the first process of a container from signals it has no handler for; any other process
    /// ends by them. A container without an init does so here: TERM goes to whoever has a handler, and where
    /// nobody has one all of them end.
    func terminate(_ id: String, _ first: ProcessIdentity) throws {
        let group = try ControlGroup(container: id)
        guard !StartGate.isClosed(paths.startGate(id), first), first.ends(by: SIGTERM) else {
            first.send(SIGTERM)
            return
        }
        let others = group.processes().filter { $0 != first.pid }.compactMap { ProcessIdentity(of: $0) }
        if others.allSatisfy({ $0.ends(by: SIGTERM) }) {
            _ = group.kill()
        } else {
            for process in others { process.send(SIGTERM) }
        }
    }

    /// What is left of the container's time; nil without a limit or before its start.
    func timeLeft(_ record: ContainerRecord) -> Duration? {
        guard let limit = record.timeLimit, let bytes = try? AtomicFile.read(paths.started(record.id), limit: 64),
            let start = Double(String(decoding: bytes, as: UTF8.self))
        else { return nil }
        return .seconds(max(0, start + Double(limit) - MachineClock.now()))
    }

    func endAtTimeLimit(_ id: String) async throws -> ContainerExit {
        try AtomicFile.write([], to: paths.timeOut(id), durable: false)
        try await ControlGroup(container: id).end()
        for _ in 0..<500 where FileTree.exists(paths.folder(id)) {
            if let status = status(id) { return try await finish(id, status) }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try keep(id, ContainerExit(code: Self.killed, timedOut: true))
    }

    func keep(_ id: String, _ exit: ContainerExit) throws -> ContainerExit {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            try AtomicFile.write(encoder.encode(exit), to: paths.exit(id), durable: false)
        } catch Errno.noSuchFileOrDirectory {
            // Somebody removed the container meanwhile.
        }
        return exit
    }

    /// Ends what runs and removes every trace of the container but its log, and what it wrote if that is to stay.
    /// Nothing is needed but the id, so that what a killed process left half-made goes as well.
    func clear(_ id: String, keepsLayer: Bool = false) async throws {
        let record = try? record(id)  // without one there is no mount yet
        let group = try ControlGroup(container: id)
        let isComplete = record?.processes != nil
        if !isComplete { try await supervisor.end(id) }
        try await group.end()
        try await endConmon(record?.processes?.conmon)
        let exit = try recordedExit(id) ?? status(id).map { ContainerExit(code: $0 < 0 ? Self.killed : $0) }
        try await removeFromRunc(id, isComplete: isComplete, group)
        if let record {
            if record.serves == true { try await ServiceNetwork(id: id, folder: FilePath(record.scratch)).stop() }
            try OverlayMount.unmount(record.root)
            let parts = [record.work, record.root] + (keepsLayer ? [] : [record.upper])
            for folder in parts { try FileTree.remove(folder) }
        }
        try MemoryFolder.remove(id)
        try FileTree.remove(paths.folder(id))
        forget(id, exit)
    }

    /// conmon ends by itself once the container has; one that does not is killed.
    private func endConmon(_ conmon: ProcessIdentity?) async throws {
        guard let conmon else { return }
        for attempt in 0..<300 where conmon.isAlive {
            if attempt == 250 { conmon.send(SIGKILL) }
            try await Task.sleep(for: .milliseconds(attempt < 50 ? 1 : 20))
        }
    }

    /// Does what `runc delete` does when every process has gone; asks runc when the container was half-made.
    private func removeFromRunc(_ id: String, isComplete: Bool, _ group: ControlGroup) async throws {
        let state = paths.runc.appending(id)
        if !isComplete, FileTree.exists(state) {
            let arguments = ["--root", paths.runc.string, "delete", "--force", id]
            // runc refuses what it had not finished itself; the folder and the group go below.
            _ = try await runner.run(Command(Tool.runc.name, arguments), onLine: nil)
            try await group.end()
        }
        try FileTree.remove(state)
        try group.remove()
    }
}
