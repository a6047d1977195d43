import Logging
import RucheCore
import RucheEngines
import RucheHost
import RucheStore
import SystemPackage

extension InstanceService {
    /// Takes up what an earlier process left: what runs goes on, what has ended is recorded so, what was half made or
    /// half removed goes, and folders that nobody knows are set aside.
    package func recover() async throws {
        let task = recovery ?? Task { try await takeUpAll() }
        recovery = task
        try await task.value
    }

    private func takeUpAll() async throws {
        for row in try await configuration.database.read({ try InstanceRepository($0).instances() }) {
            do {
                let record = try InstanceRecord(row: row)
                records[record.id] = record
            } catch {
                logger.error("an instance can't be read", metadata: ["instance": "\(row.id)", "error": "\(error)"])
            }
        }
        let known = Set(try await configuration.database.read { try InstanceRepository($0).instances() }.map(\.id))
        for id in records.keys.sorted() { await takeUp(id) }
        try await setAside(except: known)
        await endUnknown(known)
    }

    /// Ends what engines have of instances that nobody knows, whose folders have gone.
    private func endUnknown(_ known: Set<String>) async {
        for engine in configuration.engines {
            guard let held = try? await engine.held() else { continue }  // it is asked again at the next start
            for id in held where !known.contains(id.description) { await endStranger(id) }
        }
    }

    private func takeUp(_ id: Identifier) async {
        guard let record = records[id] else { return }
        switch record.state {
        case .preparing, .destroyed: await discard(id)
        case .starting, .ready, .stopping:
            if await isRunning(record) { return look(after: id) }
            if record.state == .starting {
                await failed(id, "it ended while no server looked after it")
            } else {
                await ended(id)
            }
        case .stopped, .failed:
            if await isRunning(record) { await kill(id) }
        }
    }

    /// What an earlier process of another database left is no instance here: what runs of it is ended, and its folder
    /// is kept under another name.
    private func setAside(except known: Set<String>) async throws {
        let all = InstanceFolder.all(configuration.data)
        for name in try FileTree.names(in: all) where !known.contains(name) && !name.hasPrefix(Self.strangerMark) {
            let folder = all.appending(name)
            if name.hasPrefix(Self.removalMark) {
                try FileTree.remove(folder)
                continue
            }
            if let id = Identifier(name) { await endStranger(id) }
            logger.warning("a folder of no known instance is set aside", metadata: ["folder": "\(folder)"])
            try AtomicFile.rename(
                folder, to: all.appending("\(Self.strangerMark)\(name)-\(configuration.now())"))
        }
    }

    private static let strangerMark = ".set-aside-"

    private func endStranger(_ id: Identifier) async {
        for engine in configuration.engines {
            let spec = InstanceSpec(
                id: id, name: "", folder: folder(id).root, image: .disk("", .raw), cpus: 1, memory: ByteCount(0))
            do { try await engine.delete(spec) } catch {
                logger.error("can't end an instance", metadata: ["instance": "\(id)", "error": "\(error)"])
            }
        }
    }
}
