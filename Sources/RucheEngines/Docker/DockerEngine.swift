import Glibc
package import RucheCore
import RucheHost
import SystemPackage

/// Runs containers with a service of Docker's API: Docker itself, or Podman's service.
///
/// What is known of a container is in its labels, so another process with the same data directory goes on with
/// it. At `limits.time` whoever calls `wait` or `state` kills the container.
package actor DockerEngine: Engine {
    package nonisolated let name: String
    package nonisolated let capabilities: EngineCapabilities

    package nonisolated var kind: String { settings.kind.rawValue }

    nonisolated let settings: EngineSettings
    nonisolated let context: EngineContext
    nonisolated let client: DockerClient
    var knownQuirks: DockerQuirks?
    var imports: [Digest: Task<String, any Error>] = [:]
    var followers: [String: Task<Void, Never>] = [:]
    /// When each container's time is over, on a clock that nobody sets.
    private var deadlines: [String: ContinuousClock.Instant] = [:]
    /// Calls of `wait` for each container, and what they return when `delete` was faster.
    private var waiting: [String: Int] = [:]
    private var ended: [String: ContainerExit] = [:]
    /// Containers, by the daemon's numbers, that this engine sent a signal.
    var signalled: Set<String> = []
    var peaks: [String: UInt64] = [:]
    var nextSweep = ContinuousClock.now

    /// Throws `invalid_input` for TLS files that can't be used. Whether the engine answers is not asked here.
    package init(_ settings: EngineSettings, context: EngineContext) throws {
        name = settings.name
        self.settings = settings
        self.context = context
        let address = Self.address(settings)
        var capabilities: EngineCapabilities = [.pause, .stats, .limits, .network, .persistent, .services]
        if case .network = address { capabilities.insert(.remote) }
        // Podman 4 says no more than that a process was killed.
        if settings.kind == .docker { capabilities.insert(.outOfMemory) }
        self.capabilities = capabilities
        client = DockerClient(connection: try EngineConnection(engine: settings.name, address: address))
    }

    private static func address(_ settings: EngineSettings) -> EngineAddress {
        if let authority = settings.text("address") {
            let files = ["authority", "certificate", "key"].map { settings.text($0).map { FilePath($0) } }
            let tls = EngineTLS(authority: files[0], certificate: files[1], key: files[2])
            return .network(authority, files.contains { $0 != nil } ? tls : nil)
        }
        let standard = settings.kind == .podman ? "/run/podman/podman.sock" : "/run/docker.sock"
        return .unix(FilePath(settings.text("socket") ?? standard))
    }

    func quirks() async throws -> DockerQuirks {
        if let knownQuirks { return knownQuirks }
        let quirks = try await client.quirks()
        knownQuirks = quirks
        return quirks
    }

    package func start(_ id: String) async throws {
        let container = try await container(id)
        switch container.State.Status {
        case "created", "configured", "initialized": try await client.start(id)
        default: return
        }
        follow(id, container)
    }

    package func state(_ id: String) async throws -> ContainerState {
        try ContainerID.check(id)
        guard let container = try await inspect(id) else { return .absent }
        switch container.State.Status {
        case "created", "configured", "initialized": return .created
        case "removing": return .absent
        case "stopping": return .running
        case _ where container.State.isEnded:
            let isRecent = followers[id] != nil
            await drain(id, container)
            return try await settledExit(container, isRecent).map { .exited($0) } ?? .absent
        default: break
        }
        follow(id, container)
        if let deadline = deadline(id, container), deadline <= .now {
            try await endAtTimeLimit(id, container)
            return try await state(id)
        }
        return container.State.Status == "paused" ? .paused : .running
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

    /// Returns when the container has ended, has gone, or its time is over.
    private func awaitEnd(_ id: String) async throws {
        let client = client
        let deadline = deadlines[id]
        let looksAgain = try await quirks().losesEnds
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    _ = try await client.wait(id)
                } catch let error as RucheError where error.code == .notFound {
                    return
                }
            }
            if let deadline { group.addTask { try await Task.sleep(until: deadline, clock: .continuous) } }
            if looksAgain { group.addTask { try await Task.sleep(for: .seconds(1)) } }
            try await group.next()
            group.cancelAll()
        }
    }

    package func pause(_ id: String) async throws {
        try await pause(id) { try await client.call(EngineRequest("POST", "/containers/\(id)/pause")) }
    }

    package func resume(_ id: String) async throws { try await resume(id) { try await unpause(id) } }

    private func unpause(_ id: String) async throws {
        try await client.call(EngineRequest("POST", "/containers/\(id)/unpause"))
    }

    /// Lets a paused container take a signal. One that was resumed or ended meanwhile is no error.
    private func thaw(_ container: DockerAPI.Inspect) async throws {
        guard container.State.Status == "paused", try await quirks().refusesSignalsWhenPaused else { return }
        do { try await unpause(container.Id) } catch {
            guard try await client.inspect(container.Id)?.State.Status != "paused" else { throw error }
        }
    }

    /// TERM ends a container whose processes have no handler for it, where they are processes of this machine.
    package func signal(_ id: String, _ signal: Int32) async throws {
        let container = try await container(id)
        guard ["running", "paused"].contains(container.State.Status) else { return }
        signalled.insert(container.Id)
        try await thaw(container)
        if signal == SIGTERM, let first = DockerProcesses.first(of: container) {
            return try await terminate(id, first)
        }
        try await client.signal(id, signal)
    }

    /// The kernel keeps the first process from signals it has no handler for. As with the built-in engine, TERM
    /// goes to whoever has a handler, and where nobody has one all of them end.
    private func terminate(_ id: String, _ first: ProcessIdentity) async throws {
        guard first.ends(by: SIGTERM) else {
            try await client.signal(id, SIGTERM)
            return
        }
        let others = DockerProcesses.others(beside: first)
        if others.allSatisfy({ $0.ends(by: SIGTERM) }) {
            try await client.signal(id, SIGKILL)
        } else {
            for process in others { process.send(SIGTERM) }
        }
    }

    package func list() async throws -> [String] {
        let found = try await client.containers(label: "\(DockerLabel.data)=\(context.data)")
        return found.compactMap { $0.Names?.first.map { String($0.drop { $0 == "/" }) } }.sorted()
    }

    package func delete(_ id: String) async throws {
        try ContainerID.check(id)
        // In a task of its own: a cancelled caller must not leave half a container.
        try await Task { try await clear(id) }.value
    }

    private func clear(_ id: String) async throws {
        guard let container = try await inspect(id) else { return forget(id) }
        defer { signalled.remove(container.Id) }
        try await end(id, container)
        if container.State.hasBegun {
            let last = try await client.inspect(container.Id).map(exit) ?? ContainerExit(code: 128 + Int(SIGKILL))
            if waiting[id] != nil { ended[id] = last }
        }
        // By its own number: somebody may make another one of the name.
        try await client.remove(container.Id)
        while try await client.inspect(container.Id) != nil {
            try await Task.sleep(for: .milliseconds(20))
            try await client.remove(container.Id)  // somebody else's removal may have failed
        }
        forget(id)
        await sweep()
    }

    /// Ends what runs; all that it wrote is in its log then.
    func end(_ id: String, _ container: DockerAPI.Inspect) async throws {
        if container.State.runs { try await kill(container) }
        if container.State.hasBegun { await drain(id, container) }
    }

    private func forget(_ id: String) {
        followers.removeValue(forKey: id)?.cancel()
        deadlines[id] = nil
        peaks[id] = nil
    }

    // MARK: - The container

    /// Nil for a container of that name which is not this data directory's.
    func inspect(_ id: String) async throws -> DockerAPI.Inspect? {
        guard let container = try await client.inspect(id),
            container.Config.Labels?[DockerLabel.data] == context.data.string
        else { return nil }
        return container
    }

    func container(_ id: String) async throws -> DockerAPI.Inspect {
        try ContainerID.check(id)
        guard let container = try await inspect(id) else { throw missing(id) }
        return container
    }

    private func deadline(_ id: String, _ container: DockerAPI.Inspect) -> ContinuousClock.Instant? {
        if let deadline = deadlines[id] { return deadline }
        guard let limit = container.Config.Labels?[DockerLabel.timeLimit].flatMap({ Double($0) }),
            let age = container.State.age
        else { return nil }
        deadlines[id] = .now + .seconds(limit - age)
        return deadlines[id]
    }

    private func endAtTimeLimit(_ id: String, _ container: DockerAPI.Inspect) async throws {
        if let mark = timeOutMark(container) { try AtomicFile.write([], to: mark, durable: false) }
        try await kill(container)
    }

    private func kill(_ container: DockerAPI.Inspect) async throws {
        signalled.insert(container.Id)
        try await thaw(container)
        guard try await client.signal(container.Id, SIGKILL) else { return }
        while let now = try await client.inspect(container.Id), now.State.runs {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private nonisolated func timeOutMark(_ container: DockerAPI.Inspect) -> FilePath? {
        container.Config.Labels?[DockerLabel.scratch].map { FilePath($0).appending("time-out") }
    }

    /// How an ended container ended; nil when somebody else is removing it.
    ///
    /// Of one that was killed just now, and not by this engine, that is certain a moment later only: Podman may call it ended
    /// before its removal shows, and Docker before it knows that memory was short. Docker may miss that altogether, of
    /// what ends as soon as it runs (containerd/containerd#8180), but the kernel has told it.
    private func settledExit(_ container: DockerAPI.Inspect, _ isRecent: Bool) async throws -> ContainerExit? {
        var exit = exit(container)
        guard exit.code != 0, !exit.timedOut, !exit.outOfMemory else { return exit }
        let isLimited = capabilities.contains(.outOfMemory) && container.HostConfig?.Memory ?? 0 > 0
        if isLimited, !capabilities.contains(.remote), let age = container.State.age {
            exit.outOfMemory = try await BlockingWork.run { KernelLog.toldOutOfMemory(in: container.Id, within: age) }
        }
        let isKilled = exit.code == 128 + Int(SIGKILL) && isRecent && !signalled.contains(container.Id)
        guard isKilled, !exit.outOfMemory, isLimited || settings.kind == .podman else { return exit }
        for _ in 0..<5 {
            try await Task.sleep(for: .milliseconds(100))
            guard let later = try await client.inspect(container.Id), later.State.Status != "removing" else {
                return nil
            }
            if later.State.OOMKilled == true { return self.exit(later) }
        }
        return exit
    }

    private nonisolated func exit(_ container: DockerAPI.Inspect) -> ContainerExit {
        let code = container.State.ExitCode
        let isKilled = code == 128 + Int(SIGKILL)
        let timedOut = isKilled && (timeOutMark(container).map { FileTree.exists($0) } ?? false)
        var exit = ContainerExit(code: code, timedOut: timedOut)
        exit.outOfMemory = container.State.OOMKilled == true && code != 0 && !timedOut
        return exit
    }
}
