import RucheCore
import RucheHost
import SystemPackage

extension OCIRuntimeEngine {
    /// Throws `conflict` when there is such a container, `invalid_input` for a spec that can't run.
    package func create(_ spec: ContainerSpec) async throws { try await create(spec, permit: nil) }

    package func launch(_ spec: ContainerSpec, permit: @escaping @Sendable () async throws -> Void) async throws {
        try await create(spec, permit: permit)
    }

    private func create(_ spec: ContainerSpec, permit: (@Sendable () async throws -> Void)?) async throws {
        try ContainerID.check(spec.id)
        try spec.sandbox.validate()
        try Tool.require(.runc, .conmon)
        for folder in [paths.containers, paths.runc] { try FileTree.makeFolder(folder, permissions: 0o700) }
        guard try FileTree.makeNewFolder(paths.folder(spec.id), permissions: 0o700) else {
            throw RucheError(.conflict, "there is a container \(spec.id) already: delete it first")
        }
        do {
            try await make(spec, permit)
        } catch {
            // The first error is the one to report.
            try? await Task { try await clear(spec.id, keepsLayer: spec.serves) }.value
            throw error
        }
    }

    private func make(_ spec: ContainerSpec, _ permit: (@Sendable () async throws -> Void)?) async throws {
        // First of all the record: it lets `delete` find what a killed process had begun.
        var record = ContainerRecord(
            id: spec.id, boot: try ContainerRecord.currentBoot(), scratch: spec.scratch.string,
            timeLimit: spec.sandbox.limits.time)
        if spec.serves { record.serves = true }
        try remember(record)
        // conmon opens its log before it waits.
        try FileTree.makeFolder(spec.scratch)
        let barrier = try ConmonBarrier(paths.conmonBarrier(spec.id))
        defer { barrier.close() }
        async let making = supervisor.create(
            spec.id, log: spec.consoleLog, timeLimit: spec.sandbox.limits.time, barrier: barrier)
        async let opening: Void = open(spec.id, permit)
        try await makeBundle(spec, record)
        try barrier.open()
        record.processes = try await making
        try remember(record)
        try await opening
    }

    /// Mounts the root and writes the runtime's configuration.
    private func makeBundle(_ spec: ContainerSpec, _ record: ContainerRecord) async throws {
        try mountRoot(try await spec.image.layers(), record)
        var sandbox = spec.sandbox
        sandbox.root = record.root
        if let user = spec.user {
            let identity = try ImageUsers(root: record.root).resolve(user)
            sandbox.uid = identity.uid
            sandbox.gid = identity.gid
            sandbox.additionalGroups = identity.groups
        }
        let configuration = try RuntimeConfiguration(sandbox, group: ControlGroup(container: spec.id))
        try configuration.write(to: paths.folder(spec.id))
    }

    /// Lets the container run when it is permitted, as soon as it is made: runc's own end is not waited for.
    @concurrent private nonisolated func open(_ id: String, _ permit: (@Sendable () async throws -> Void)?) async throws
    {
        guard let permit else { return }
        try await permit()
        try Task.checkCancellation()
        // Before it runs: from here on a process that takes over finds it as one that was started.
        try markStarted(id)
        try await StartGate.hold(paths.startGate(id), status: paths.status(id))
        // Its time counts from now on, not from when it was begun to be made.
        try writeStart(id)
    }

    nonisolated func markStarted(_ id: String) throws {
        if !FileTree.exists(paths.started(id)) { try writeStart(id) }
    }

    private nonisolated func writeStart(_ id: String) throws {
        try AtomicFile.write("\(MachineClock.now())".utf8, to: paths.started(id), durable: false)
    }

    private func mountRoot(_ layers: [FilePath], _ record: ContainerRecord) throws {
        for folder in [record.root, record.upper, record.work] { try FileTree.makeFolder(folder) }
        // What a service has written is there after a loss of power; of a job only what it hands over is kept.
        try OverlayMount.mount(
            lower: layers, upper: record.upper, work: record.work, at: record.root, durable: record.serves == true)
    }
}
