import Logging
package import RucheCore
package import RucheEngines
import RucheHost
import RucheImages
import RucheStore
import ServiceLifecycle
import SystemPackage

/// Starts instances, brings them to health, and stops them.
///
/// `run()` is part of the server's service group. Its end leaves instances running; the next start finds them again.
/// Events: `instance.created`, `instance.started`, `instance.reached`, `instance.ready`, `instance.failed`,
/// `instance.stopping`, `instance.stopped`, `instance.snapshotted`, `instance.restored`, `instance.destroyed`.
package actor InstanceService: Service {
    let configuration: InstanceServiceConfiguration
    let logger: Logger
    private let work: AsyncStream<Identifier>
    let worker: AsyncStream<Identifier>.Continuation
    /// Every instance there is.
    var records: [Identifier: InstanceRecord] = [:]
    /// Those that somebody looks after until they are at rest.
    var kept: Set<Identifier> = []
    /// Those whose folder somebody works in: everything else about them waits.
    private(set) var held: Set<Identifier> = []
    /// Changes are written in the order in which they were made.
    private var lastWrite: Task<Void, any Error>?
    /// What takes up what an earlier process left; everybody waits for the same.
    var recovery: Task<Void, any Error>?

    package init(configuration: InstanceServiceConfiguration) {
        self.configuration = configuration
        logger = configuration.logger
        (work, worker) = AsyncStream.makeStream()
    }

    package func run() async throws {
        try await recover()
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                for await id in work { group.addTask { await self.keep(id) } }
                group.cancelAll()
            }
        }
    }

    // MARK: Reading

    /// Those who start machines and containers here.
    package nonisolated var engines: [any InstanceEngine] { configuration.engines }

    /// Throws `not_found`.
    package func instance(_ id: Identifier) throws -> InstanceRecord {
        guard let record = records[id], record.state != .destroyed else {
            throw RucheError(.notFound, "there is no instance \(id)", details: ["instance": id.description])
        }
        return record
    }

    /// Newest first, older than `cursor`, of `owners`, and of one name when it is given.
    package func instances(
        before cursor: Identifier? = nil, limit: Int, name: String? = nil, owners: OwnerSelection = .all
    ) -> [InstanceRecord] {
        let fitting = records.values.filter { record in
            record.state != .destroyed && owners.contains(record.owner) && (name == nil || record.name == name)
                && (cursor.map { record.id < $0 } ?? true)
        }
        return Array(fitting.sorted { $0.id > $1.id }.prefix(limit))
    }

    /// Whether a disk lies over a blob. Asks the table: what another process recorded counts too.
    package nonisolated func needs(_ digest: Digest) async throws -> Bool {
        try await configuration.database.read { try InstanceRepository($0).needs(digest.description) }
    }

    package nonisolated func folder(_ id: Identifier) -> InstanceFolder {
        InstanceFolder(data: configuration.data, id: id)
    }

    /// Throws `not_found`, and `unsupported` for an engine that was taken out of the configuration.
    package nonisolated func capabilities(of record: InstanceRecord) throws -> InstanceCapabilities {
        try engine(record).capabilities
    }

    /// How somebody on this machine runs a command in one that runs, where that is not by SSH.
    package nonisolated func entrance(of record: InstanceRecord) -> InstanceEntrance? {
        guard record.state.mayRun, let engine = try? engine(record) else { return nil }  // it was taken out
        return engine.entrance(bareSpec(record))
    }

    /// What joins a terminal of this machine and the console of one that runs; nil where a socket does.
    package nonisolated func console(of record: InstanceRecord) -> ConsoleProgram? {
        guard record.state.mayRun, let engine = try? engine(record) else { return nil }  // it was taken out
        return engine.console(bareSpec(record))
    }

    nonisolated func engine(_ record: InstanceRecord) throws -> any InstanceEngine {
        guard let engine = configuration.engine(record.engine, for: record.isContainer ? .container : .machine) else {
            throw RucheError(
                .unsupported, "the engine \"\(record.engine)\" of the instance \(record.name) is not there any more")
        }
        return engine
    }

    // MARK: Working on one

    /// Runs `body` while nobody else works on the instance. Throws `locked` while somebody does.
    func holding<Result: Sendable>(
        _ id: Identifier, _ body: () async throws -> Result
    ) async throws -> Result {
        guard held.insert(id).inserted else {
            throw RucheError(
                .locked, "somebody works on the instance \(records[id]?.name ?? "") now: try again in a moment")
        }
        defer { held.remove(id) }
        return try await body()
    }

    /// What the engine is told of an instance; good only during the call, as the image's file is.
    func withSpec<Result: Sendable>(
        _ record: InstanceRecord, _ body: @Sendable (InstanceSpec) async throws -> Result
    ) async throws -> Result {
        switch record.image {
        case .disk(let blob, let format):
            try await configuration.content.withFile(blob) { path in
                try await body(self.spec(record, .disk(path, format)))
            }
        case .container(let container): try await body(spec(record, .container(service(container))))
        }
    }

    private nonisolated func service(_ container: InstanceContainer) async throws -> ContainerService {
        let image = ReleaseImage(digest: container.image, parts: container.layers, cache: configuration.layers)
        // The engine sets the root.
        var sandbox = SandboxSpec(root: "/", arguments: container.command)
        let users = try ImageUsers(layers: await image.layers())
        let user = try users.resolve(container.user.isEmpty ? "0" : container.user)
        (sandbox.uid, sandbox.gid, sandbox.additionalGroups) = (user.uid, user.gid, user.groups)
        sandbox.environment = ["HOME": user.home ?? "/"].merging(container.environment) { $1 }
        sandbox.workingDirectory = container.workingDirectory
        sandbox.capabilities = container.capabilities.map(\.kernelName)
        return ContainerService(image: image, sandbox: sandbox)
    }

    /// As far as it is needed for what runs already: nothing of it is opened.
    nonisolated func bareSpec(_ record: InstanceRecord) -> InstanceSpec {
        guard case .disk(_, let format) = record.image else { return spec(record, .disk("", .raw)) }
        return spec(record, .disk("", format))
    }

    private nonisolated func spec(_ record: InstanceRecord, _ image: InstanceSpec.Image) -> InstanceSpec {
        var spec = InstanceSpec(
            id: record.id, name: record.name, folder: folder(record.id).root, image: image, cpus: record.cpus,
            memory: record.memory)
        (spec.disk, spec.ports, spec.shares, spec.network) = (
            record.disk, record.allPorts, record.shares, record.network
        )
        spec.firmware = record.firmware ?? .bios
        if case .disk(let blob, _) = record.image { spec.imageDigest = blob }
        if case .container(let container) = record.image { spec.stopSignal = container.stopSignal }
        spec.url = record.ports.first?.url(hostName: configuration.hostName)
        let key = FilePath(folder(record.id).key.string + ".pub")
        spec.publicKey = (try? AtomicFile.read(key)).map { String(decoding: $0, as: UTF8.self) }  // not made yet
        return spec
    }

    // MARK: Recording

    /// Lets the state machine of an instance take one step.
    func step<Result>(
        _ id: Identifier, _ body: (inout InstanceStateMachine) throws -> Result
    ) rethrows -> Result? {
        guard var record = records[id] else { return nil }
        let result = try body(&record.machine)
        records[id] = record
        return result
    }

    /// Writes an instance as it is now, with the events that tell of it.
    func save(_ id: Identifier, _ kind: String, _ data: [String: JSONValue] = [:]) async throws {
        guard let record = records[id] else { return }
        let row = try record.row()
        try await write([record.event(kind, data)]) { try InstanceRepository($0).update(row) }
    }

    /// As `save`, where the instance goes on whatever becomes of the record: the next start looks at what there is.
    func note(_ id: Identifier, _ kind: String, _ data: [String: JSONValue] = [:]) async {
        do { try await save(id, kind, data) } catch {
            logger.error("can't record an instance", metadata: ["instance": "\(id)", "error": "\(error)"])
        }
    }

    func write(
        _ events: [EventDraft], _ changes: @Sendable @escaping (any SQLConnection) throws -> Void
    ) async throws {
        let (before, log) = (lastWrite, configuration.events)
        let writing = Task {
            _ = await before?.result
            _ = try await log.write(events, changes)
        }
        lastWrite = writing
        try await writing.value
    }
}

extension InstanceService {
    /// Whose releases who may start.
    package nonisolated var visibility: ReleaseVisibility { ReleaseVisibility(database: configuration.database) }
}
