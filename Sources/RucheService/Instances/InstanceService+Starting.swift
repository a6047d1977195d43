import Logging
package import RucheCore
import RucheEngines
import RucheHost
import RucheImages
import RucheStore
import SystemPackage

extension InstanceService {
    /// Times another private port is tried when somebody was faster.
    private static let portAttempts = 3

    /// Checks an order whole, makes the instance and starts it. Returns when it runs; it is not ready then.
    ///
    /// Throws `invalid_input` with every problem, `conflict` for a name and `in_use` for a port that somebody has,
    /// `unsupported` for a release that nothing can be started from, `missing_tool`. Nothing is left of one that could not be started.
    package func create(_ order: InstanceOrder) async throws -> InstanceRecord {
        let time = configuration.now()
        var generator = SystemRandomNumberGenerator()
        let id = Identifier(milliseconds: UInt64(max(0, time)), using: &generator)
        // The disk stays until the row says so.
        let lease = try configuration.lease()
        let record = try await planner().plan(order, id: id)
        try await requireBlobs(record)
        let row = try record.row()
        records[id] = record
        do {
            try await write([record.event("instance.created")]) { connection in
                let instances = InstanceRepository(connection)
                guard try !instances.names(of: row.owner).contains(row.name) else { throw Self.taken(row.name) }
                try instances.insert(row)
            }
        } catch {
            records[id] = nil
            throw error
        }
        lease.end()
        do {
            return try await holding(id) {
                try await prepare(id, order)
                _ = step(id) { $0.prepared() }
                return try await launch(id)
            }
        } catch {
            // In a task of its own: a caller who has gone must not leave half an instance.
            await Task { await self.discard(id) }.value
            throw error
        }
    }

    /// Starts a stopped instance. Returns when it runs; one that runs already is no error.
    package func start(_ id: Identifier, lease: Int? = nil) async throws -> InstanceRecord {
        _ = try instance(id)
        return try await holding(id) {
            guard try step(id, { try $0.startRequested() }) == .launch else { return try instance(id) }
            if let lease { records[id]?.lease = lease }
            do {
                let record = try instance(id)
                try planner(without: id).requireFree(record.ports)
                return try await launch(id)
            } catch {
                await failed(id, "\(ProblemText.of(error))")
                throw error
            }
        }
    }

    func planner(without id: Identifier? = nil) -> InstancePlanner {
        InstancePlanner(configuration: configuration, others: records.values.filter { $0.id != id })
    }

    private static func taken(_ name: String) -> RucheError {
        RucheError(
            .conflict, "there is an instance \"\(name)\" already: choose another name, or destroy that one",
            details: ["name": name])
    }

    private func requireBlobs(_ record: InstanceRecord) async throws {
        let blobs =
            switch record.image {
            case .disk(let blob, _): [blob]
            case .container(let container): container.layers.map(\.blob.digest)
            }
        for blob in blobs where try await configuration.content.size(of: blob) == nil {
            throw RucheError(
                .corruptContent,
                "the blob \(blob) of \(record.release) is not in the content store: run \"ruche verify\"")
        }
    }

    // MARK: Making

    /// Makes the folder, of a machine with the keys, the first settings and the disk.
    private func prepare(_ id: Identifier, _ order: InstanceOrder) async throws {
        let (folder, runner) = (folder(id), configuration.runner)
        try DiskReserve.require(in: configuration.data)
        try FileTree.makeFolder(folder.root, permissions: 0o700)
        try await openBox(id)
        let record = try instance(id)
        guard !record.isContainer else {
            return try await withSpec(record) { try await self.engine(record).create($0) }
        }
        if case .disk(let blob, let format) = record.image, format != .raw {
            // Anybody may have made it: it is looked at before QEMU opens it.
            try await configuration.content.withFile(blob) { try DiskHeader.check($0, as: format) }
        }
        let key = try await KeyPairs.make(folder.key, comment: "ruche-\(record.name)", runner: runner)
        try await withSpec(record) { try await self.engine(record).create($0) }
        guard record.cloudInit != false else { return }
        var seed = CloudSeed(id: id, hostName: record.name, user: record.user ?? "debian")
        seed.keys = [key.line] + (try await machineKeys(record))
        (seed.shares, seed.network, seed.userData) = (record.shares, record.network, order.userData)
        seed.url = record.ports.first?.url(hostName: configuration.hostName)
        if record.cloudInit == true {
            let hostKey = try await KeyPairs.make(folder.hostKey, comment: record.name, runner: runner)
            try FileTree.remove(folder.hostKey)
            seed.hostKey = hostKey
            let line = "\(SecureShell.alias(id)) \(hostKey.line)\n"
            try AtomicFile.write(Array(line.utf8), to: folder.knownHosts, permissions: [.ownerReadWrite])
        }
        try await seed.write(to: folder.root, runner: runner)
    }

    /// Keys that the recipe lets in besides.
    private func machineKeys(_ record: InstanceRecord) async throws -> [String] {
        var reference = try ReleaseReference(parsing: record.release)
        reference.digest = record.releaseDigest
        let release = try await configuration.releases.resolve(reference)
        return try InstanceRecipe.machine(of: release)?.keys ?? []
    }

    // MARK: Launching

    /// Starts what runs the instance, which is `starting`.
    private func launch(_ id: Identifier) async throws -> InstanceRecord {
        let acceleration = await (try engine(try instance(id))).acceleration()
        for attempt in 1... {
            let ports = try planner(without: id).privatePorts(try instance(id))
            begin(id, ports, acceleration)
            // Before it runs: a process that dies between the two finds it by its folder.
            try await save(id, "instance.starting")
            do {
                let record = try instance(id)
                try await withSpec(record) { try await self.engine(record).start($0) }
                break
            } catch let error as RucheError where error.code == .inUse && attempt < Self.portAttempts {
                let isPrivate = ports.contains { error.details["port"] == "\($0.host)" }
                guard isPrivate else { throw error }
                logger.info("a private port was taken meanwhile", metadata: ["instance": "\(id)"])
            }
        }
        // A lease is of what runs, and somebody may have stopped it meanwhile.
        if records[id]?.state.mayRun == true { records[id]?.startLease(at: configuration.now()) }
        // Somebody may have asked for its end while it was being started.
        await note(id, "instance.started", startData(id))
        look(after: id)
        return try instance(id)
    }

    private func begin(_ id: Identifier, _ ports: [PortPublication], _ acceleration: InstanceAcceleration?) {
        guard var record = records[id] else { return }
        let now = configuration.now()
        record.privatePorts = ports
        record.starts += 1
        record.startedAt = now
        record.consoleStart = InstanceConsole(record, folder(id)).size
        (record.readyAt, record.stoppedAt, record.consoleTail, record.stages) = (nil, nil, nil, [])
        record.startLease(at: now)
        record.emulation = nil
        if case .emulation(let reason)? = acceleration { record.emulation = reason }
        records[id] = record
    }

    private func startData(_ id: Identifier) -> [String: JSONValue] {
        guard let reason = records[id]?.emulation else { return [:] }
        return ["emulation": .string(reason)]
    }

    func look(after id: Identifier) {
        if kept.insert(id).inserted { worker.yield(id) }
    }
}
