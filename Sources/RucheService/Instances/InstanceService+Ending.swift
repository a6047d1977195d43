import Logging
package import RucheCore
import RucheEngines
import RucheHost
import RucheStore
import SystemPackage

extension InstanceService {
    /// Asks an instance to end, and ends it when it does not in time; with `now` at once. The answer comes before the
    /// end. One that does not run stays as it is.
    package func stop(_ id: Identifier, now: Bool = false) async throws -> InstanceRecord {
        _ = try instance(id)
        if try await requestStop(id, nil), now { await kill(id) }
        look(after: id)
        return try instance(id)
    }

    /// True when it has to end.
    @discardableResult
    func requestStop(_ id: Identifier, _ reason: String?) async throws -> Bool {
        if try step(id, { try $0.stopRequested(reason) }) == .powerDown {
            try await save(id, "instance.stopping", reason.map { ["reason": .string($0)] } ?? [:])
        }
        return records[id]?.state == .stopping
    }

    /// Ends it with all that it has. Throws `not_found`, also the second time.
    package func destroy(_ id: Identifier) async throws {
        _ = try instance(id)
        try await holding(id) {
            guard step(id, { $0.destroyRequested() }) == .destroy else { return }
            try await save(id, "instance.destroying")
            try await remove(id)
        }
    }

    /// What is left to do for one that is destroyed; can be done again after a crash.
    func remove(_ id: Identifier) async throws {
        guard let record = records[id] else { return }
        let folder = folder(id).root
        if FileTree.exists(folder) { try await engine(record).delete(bareSpec(record)) }
        // A name that the next start takes for what it is, should this not come to its end.
        let removed = folder.removingLastComponent().appending(Self.removalMark + id.description)
        if FileTree.exists(folder) { try AtomicFile.rename(folder, to: removed) }
        try FileTree.remove(removed)
        try await write([record.event("instance.destroyed")]) { try InstanceRepository($0).remove(id.description) }
        records[id] = nil
    }

    static let removalMark = ".removed-"

    /// Drops one that could not be started.
    func discard(_ id: Identifier) async {
        _ = step(id) { $0.destroyRequested() }
        do { try await remove(id) } catch {
            logger.error("can't remove an instance", metadata: ["instance": "\(id)", "error": "\(error)"])
        }
    }

    /// Ends what runs of it.
    func kill(_ id: Identifier) async {
        guard let record = records[id] else { return }
        do { try await end(record) } catch {
            logger.error("can't end an instance", metadata: ["instance": "\(id)", "error": "\(error)"])
        }
    }

    /// Needs no image: its blob may be lost, and it must end nevertheless.
    func end(_ record: InstanceRecord) async throws {
        guard FileTree.exists(folder(record.id).root) else { return }
        try await engine(record).kill(bareSpec(record))
    }

    // MARK: Snapshots

    /// Keeps the disk as it is now. Of one that runs it is what a loss of power would have left.
    package func snapshot(_ id: Identifier, as name: String) async throws -> InstanceRecord {
        _ = try instance(id)
        guard InstanceSnapshot.isValid(name) else {
            throw RucheError(
                .invalidInput, "\"\(name.prefix(80))\" is no name of a snapshot: use \(InstanceSnapshot.rule)",
                problems: [
                    Problem(path: "name", message: "this is no name", allowed: InstanceSnapshot.rule)
                ])
        }
        return try await holding(id) {
            let record = try instance(id)
            try require(.snapshot, record)
            guard !record.snapshots.contains(where: { $0.name == name }) else {
                throw RucheError(
                    .conflict, "\(record.name) has a snapshot \"\(name)\" already", details: ["name": name])
            }
            try await withSpec(record) { try await self.engine(record).snapshot($0, as: name) }
            records[id]?.snapshots.append(InstanceSnapshot(name: name, createdAt: configuration.now()))
            try await save(id, "instance.snapshotted", ["snapshot": .string(name)])
            return try instance(id)
        }
    }

    /// Gives an instance the disk that it had. One that runs is ended for it, and stays stopped.
    package func restore(_ id: Identifier, to name: String) async throws -> InstanceRecord {
        _ = try instance(id)
        return try await holding(id) {
            let record = try instance(id)
            try require(.snapshot, record)
            guard record.snapshots.contains(where: { $0.name == name }) else {
                let known = record.snapshots.map(\.name).joined(separator: ", ")
                throw RucheError(
                    .notFound,
                    "\(record.name) has no snapshot \"\(name.prefix(80))\"; there are: "
                        + (known.isEmpty ? "none" : known))
            }
            if record.state.mayRun {
                try await requestStop(id, "it got the disk of \(name)")
                try await end(record)
                await ended(id)
            }
            try await withSpec(record) { try await self.engine(record).restore($0, to: name) }
            try await save(id, "instance.restored", ["snapshot": .string(name)])
            return try instance(id)
        }
    }

    private func require(_ capability: InstanceCapabilities, _ record: InstanceRecord) throws {
        guard try engine(record).capabilities.contains(capability) else {
            throw RucheError(
                .unsupported,
                "the engine \(record.engine) has no \(capability.names.joined()): what \(record.name) is to keep "
                    + "belongs in a folder that it shares (--share)",
                details: ["engine": record.engine])
        }
    }
}
