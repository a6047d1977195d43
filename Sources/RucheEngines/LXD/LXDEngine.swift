import FoundationEssentials
import Glibc
package import RucheCore
import RucheHost
import SystemPackage

/// Runs containers with LXD, over its socket or over HTTPS.
///
/// What is known of a container is in its instance's configuration and in the container's folder, so another process
/// with the same data directory goes on with it. A script of the engine's is the container's first process: it runs
/// the program, and writes its streams and its end into that folder. At `limits.time` whoever calls `wait` or
/// `state` ends the container.
package actor LXDEngine: Engine {
    package nonisolated let name: String
    package nonisolated let capabilities: EngineCapabilities
    package nonisolated var kind: String { settings.kind.rawValue }

    nonisolated let settings: EngineSettings
    nonisolated let context: EngineContext
    nonisolated let client: LXDClient
    var imports: [Digest: Task<String, any Error>] = [:]
    var followers: [String: Task<Void, Never>] = [:]
    private var starting: Set<String> = []
    /// When each container's time is over, on a clock that nobody sets.
    private var deadlines: [String: ContinuousClock.Instant] = [:]
    /// Calls of `wait` for each container, and what they return when `delete` was faster.
    private var waiting: [String: Int] = [:]
    private var ended: [String: ContainerExit] = [:]
    var nextSweep = ContinuousClock.now

    /// Throws `invalid_input` for an address without what verifies it, and for TLS files that can't be used. Whether
    /// the engine answers is not asked here.
    package init(_ settings: EngineSettings, context: EngineContext) throws {
        name = settings.name
        self.settings = settings
        self.context = context
        let address = try Self.address(settings)
        var capabilities: EngineCapabilities = [
            .pause, .stats, .limits, .network, .persistent, .unfinishedLines, .outOfMemory, .services,
        ]
        if case .network = address { capabilities.insert(.remote) }
        self.capabilities = capabilities
        client = LXDClient(
            connection: try EngineConnection(engine: settings.name, address: address),
            project: settings.text("project"))
    }

    private static func address(_ settings: EngineSettings) throws -> EngineAddress {
        guard let authority = settings.text("address") else {
            return .unix(FilePath(settings.text("socket") ?? "/var/lib/lxd/unix.socket"))
        }
        let files = ["authority", "server_certificate", "certificate", "key"]
            .map { settings.text($0).map { FilePath($0) } }
        guard files[0] != nil || files[1] != nil else {
            throw RucheError(
                .invalidInput,
                "the engine \"\(settings.name)\" has an address and nothing to know its server by: give "
                    + "\"server_certificate\" or \"authority\"")
        }
        return .network(
            authority, EngineTLS(authority: files[0], server: files[1], certificate: files[2], key: files[3]))
    }

    /// What the engine itself keeps, below the data directory.
    nonisolated var folder: FilePath { context.data.appending("run/engines").appending(name) }

    // MARK: - Life

    package func start(_ id: String) async throws {
        let instance = try await instance(id)
        guard instance.status == "Stopped" else { return }
        let folder = try folder(of: instance)
        guard !FileTree.exists(folder.startMark) else { return }
        starting.insert(id)
        defer { starting.remove(id) }
        try AtomicFile.write([], to: folder.startMark, durable: false)
        do {
            // In a task of its own: LXD goes on with what a cancelled caller no longer waits for.
            try await Task { [client] in
                // It may be busy still with its end before.
                try await LXDClient.insist(while: LXDClient.isBusy) {
                    try await client.change(id, LXDAPI.Change(action: "start"))
                }
            }.value
        } catch {
            try FileTree.remove(folder.startMark)
            throw RucheError(
                (error as? RucheError)?.code == .diskFull ? .diskFull : .engineUnavailable,
                "the container could not be started: \((error as? RucheError)?.message ?? "\(error)")",
                details: ["id": id], cause: error)
        }
        follow(id, folder)
        try await awaitProgram(id, folder)
    }

    /// Returns when the program runs or has run.
    private func awaitProgram(_ id: String, _ folder: LXDFolder) async throws {
        var look = ContinuousClock.now + .seconds(1)
        var isOpen = false
        while folder.process == nil {
            if !isOpen { isOpen = folder.openGate() }
            if let refusal = folder.refusal { throw RucheError(.invalidInput, refusal, details: ["id": id]) }
            try await Task.sleep(for: .milliseconds(3))
            guard ContinuousClock.now > look else { continue }
            look = .now + .seconds(1)
            guard try await instance(id).status == "Running" else { return }
        }
    }

    package func state(_ id: String) async throws -> ContainerState {
        try LXDName.check(id)
        guard let instance = try await find(id) else { return .absent }
        let folder = try folder(of: instance)
        switch instance.status {
        case "Stopped":
            guard FileTree.exists(folder.startMark) else { return .created }
            if starting.contains(id) { return .running }
            if !folder.hasExit, try await client.isBusy(id) { return .running }
            // Who removes a container that runs stops it first: it has gone a moment later. One that nobody followed
            // was stopped before.
            for _ in 0..<(followers[id] == nil ? 2 : 8) where folder.isLost {
                try await Task.sleep(for: .milliseconds(250))
                guard let later = try await find(id) else { return .absent }
                guard later.status == "Stopped", try await !client.isBusy(id) else { return .running }
            }
            // Before the wait: somebody may remove it meanwhile.
            let exit = folder.exit
            await drain(id, folder)
            return .exited(exit)
        case "Running", "Frozen", "Thawed", "Freezing", "Starting", "Stopping", "Aborting": break
        default:
            throw RucheError(.engineUnavailable, "the engine \"\(name)\" says of \(id): \(instance.status)")
        }
        follow(id, folder)
        // Whoever started it may have gone before the program ran.
        if !starting.contains(id), folder.process == nil { folder.openGate() }
        if let deadline = deadline(id, instance), deadline <= .now {
            try await kill(id, folder, timedOut: true)
            return try await state(id)
        }
        return instance.status == "Frozen" ? .paused : .running
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
        while true {
            switch try await state(id) {
            case .exited(let exit): return exit
            case .absent:
                if let exit = ended[id] { return exit }
                throw missing(id)
            case .created: try await Task.sleep(for: .milliseconds(50))
            case .running, .paused: try await awaitEnd(id)
            }
        }
    }

    /// Returns when the container tells its end, when its time is over, and each second.
    private func awaitEnd(_ id: String) async throws {
        guard let instance = try await find(id) else { return }
        let folder = try folder(of: instance)
        // It is there, LXD is about to see it.
        if folder.hasExit { return try await Task.sleep(for: .milliseconds(15)) }
        let end = min(.now + .seconds(1), deadlines[id] ?? .now + .seconds(1))
        while !folder.hasExit, ContinuousClock.now < end, ended[id] == nil {
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    package func pause(_ id: String) async throws {
        try await pause(id) { try await client.change(id, LXDAPI.Change(action: "freeze")) }
    }

    package func resume(_ id: String) async throws { try await resume(id) { try await unfreeze(id) } }

    private func unfreeze(_ id: String) async throws {
        try await client.change(id, LXDAPI.Change(action: "unfreeze"))
    }

    /// KILL ends the container, other signals go to its program. A paused one is resumed for them, because LXD lets
    /// nothing in.
    package func signal(_ id: String, _ signal: Int32) async throws {
        let instance = try await instance(id)
        let folder = try folder(of: instance)
        guard instance.status != "Stopped" else { return }
        if signal == SIGKILL { return try await kill(id, folder, timedOut: false) }
        if instance.status == "Frozen" {
            do { try await unfreeze(id) } catch {
                // Somebody was faster, or it ended meanwhile.
                guard try await find(id)?.status != "Frozen" else { throw error }
            }
        }
        guard let process = folder.process else { return }
        let numbers = (instance.config[LXDKey.user] ?? "").split(separator: ":").compactMap { UInt32($0) }
        guard numbers.count == 2 else { return }
        let command = LXDTools.command("sh") + ["-c", "kill -\(signal) \(process)"]
        do {
            // The program may have gone, or be going as somebody ends the container: then there is nobody to tell.
            _ = try await client.execute(
                id, LXDAPI.Execute(command: command, user: numbers[0], group: numbers[1]))
        } catch {
            guard try await find(id)?.status == "Running", folder.isLost else { return }
            throw error
        }
    }

    package func list() async throws -> [String] {
        try await client.instances().filter { $0.config[LXDKey.data] == context.data.string }.map(\.name).sorted()
    }

    package func delete(_ id: String) async throws {
        try LXDName.check(id)
        // In a task of its own: a cancelled caller must not leave half a container.
        try await Task { try await clear(id) }.value
    }

    private func clear(_ id: String) async throws {
        guard let instance = try await find(id) else { return forget(id) }
        let folder = try folder(of: instance)
        if instance.status != "Stopped" {
            try await kill(id, folder, timedOut: false)
        }
        let hasBegun = FileTree.exists(folder.startMark)
        if hasBegun { await drain(id, folder) }
        try await LXDClient.insist {
            // One whose start was under way was called stopped before.
            try await kill(id, folder, timedOut: false)
            if hasBegun, waiting[id] != nil { ended[id] = folder.exit }
            try await client.remove(id)
        }
        try folder.clear()
        forget(id)
        await sweep()
    }

    private func forget(_ id: String) {
        followers.removeValue(forKey: id)?.cancel()
        deadlines[id] = nil
    }

    // MARK: - The instance

    /// Nil for an instance of that name which is not this data directory's.
    func find(_ id: String) async throws -> LXDAPI.Instance? {
        guard let instance = try await client.instance(id), instance.config[LXDKey.data] == context.data.string
        else { return nil }
        return instance
    }

    private func instance(_ id: String) async throws -> LXDAPI.Instance {
        try LXDName.check(id)
        guard let instance = try await find(id) else { throw missing(id) }
        return instance
    }

    func folder(of instance: LXDAPI.Instance) throws -> LXDFolder {
        guard let scratch = instance.config[LXDKey.scratch] else {
            throw RucheError(.engineUnavailable, "the instance \(instance.name) does not say where its folder is")
        }
        return LXDFolder(scratch: FilePath(scratch))
    }

    private func deadline(_ id: String, _ instance: LXDAPI.Instance) -> ContinuousClock.Instant? {
        if let deadline = deadlines[id] { return deadline }
        guard let limit = instance.config[LXDKey.timeLimit].flatMap({ Double($0) }),
            let started = instance.last_used_at.flatMap({ DockerTime.seconds($0) }), started > 0
        else { return nil }
        deadlines[id] = .now + .seconds(started + limit - Date().timeIntervalSince1970)
        return deadlines[id]
    }

    /// Ends the container, whatever state it is in. One that has told its end is left to it.
    func kill(_ id: String, _ folder: LXDFolder, timedOut: Bool) async throws {
        for attempt in 1...200 {
            guard let instance = try await find(id), instance.status != "Stopped" else { return }
            do {
                if !folder.hasExit || attempt > 40 {
                    try folder.markEnd(timedOut: timedOut)
                    return try await client.change(id, LXDAPI.Change(action: "stop", force: true))
                }
            } catch let error as RucheError where LXDClient.isOvertaken(error) {
                // It ended meanwhile, or something else is under way.
            }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw RucheError(.engineUnavailable, "the engine \"\(name)\" can't end \(id)")
    }
}
