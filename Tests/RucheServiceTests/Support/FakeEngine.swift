import Glibc
import RucheCore
import RucheEngines
import RucheHost
import Support
import SystemPackage

/// An engine whose containers are closures; what it holds outlives the services that use it.
actor FakeEngine: Engine {
    typealias Program = @Sendable (ContainerSpec, FakeContainer) async throws -> ContainerExit

    nonisolated let name = "fake"
    nonisolated let capabilities: EngineCapabilities = [.pause, .stats, .limits, .persistent]
    private let program: Program
    private var containers: [String: (spec: ContainerSpec, container: FakeContainer)] = [:]
    private(set) var calls: [String] = []
    var findings: [EngineFinding] = []
    var createError: RucheError?
    /// A making that fails leaves its container.
    private var isLeaky = false
    private var onCreate: @Sendable () async throws -> Void = {}

    init(_ program: @escaping Program) { self.program = program }

    func fail(_ error: RucheError) { createError = error }
    func whenCreating(_ body: @escaping @Sendable () async throws -> Void) { onCreate = body }
    func goAway(leavingContainers: Bool = false) {
        isLeaky = leavingContainers
        findings = [EngineFinding(message: "it is away")]
        createError = RucheError(.engineUnavailable, "the engine does not answer")
    }
    func comeBack() {
        findings = []
        createError = nil
    }
    func lose(_ id: String) { containers[id] = nil }
    func container(_ id: String) -> FakeContainer? { containers[id]?.container }
    func spec(_ id: String) -> ContainerSpec? { containers[id]?.spec }

    func check() async -> [EngineFinding] { findings }

    func create(_ spec: ContainerSpec) async throws {
        calls.append("create")
        guard containers[spec.id] == nil else { throw RucheError(.conflict, "there is a container \(spec.id) already") }
        if let createError {
            if isLeaky { containers[spec.id] = (spec, FakeContainer()) }
            throw createError
        }
        try await onCreate()
        containers[spec.id] = (spec, FakeContainer())
    }

    func start(_ id: String) async throws {
        calls.append("start")
        let (spec, container) = try found(id)
        await container.set(.running)
        let program = program
        Task {
            do {
                await container.end(try await program(spec, container))
            } catch { await container.end(ContainerExit(code: 255)) }
        }
    }

    func state(_ id: String) async throws -> ContainerState {
        guard let container = containers[id]?.container else { return .absent }
        return await container.state
    }

    func wait(_ id: String) async throws -> ContainerExit {
        let container = try found(id).container
        while true {
            if case .exited(let exit) = await container.state { return exit }
            guard containers[id] != nil else { throw missing(id) }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    func pause(_ id: String) async throws { try await found(id).container.set(.paused) }
    func resume(_ id: String) async throws { try await found(id).container.set(.running) }
    func signal(_ id: String, _ signal: Int32) async throws {
        calls.append("signal \(signal)")
        await (try found(id)).container.receive(signal)
    }
    func stats(_ id: String) async throws -> ContainerStats { ContainerStats(cpuNanoseconds: 1) }
    func delete(_ id: String) async throws {
        calls.append("delete")
        containers[id] = nil
    }
    func list() async throws -> [String] { containers.keys.sorted() }

    private func found(_ id: String) throws -> (spec: ContainerSpec, container: FakeContainer) {
        guard let entry = containers[id] else { throw missing(id) }
        return entry
    }

    private func missing(_ id: String) -> RucheError { RucheError(.notFound, "no container \(id)") }
}

/// One container of a `FakeEngine`.
actor FakeContainer {
    private(set) var state = ContainerState.created
    private(set) var signals: [Int32] = []

    func set(_ state: ContainerState) { self.state = state }
    func end(_ exit: ContainerExit) { if case .exited = state {} else { state = .exited(exit) } }

    /// KILL ends it; anything else waits to be noticed.
    func receive(_ signal: Int32) {
        signals.append(signal)
        if signal == SIGKILL { end(ContainerExit(code: 137)) }
    }

    /// Returns when the container was ended from outside or `signal` came.
    func wait(for signal: Int32) async throws {
        while !signals.contains(signal) {
            if case .exited = state { return }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

extension ContainerSpec {
    func folder(_ destination: String) -> FilePath? { sandbox.mounts.first { $0.destination == destination }?.source }

    /// Writes a console record as conmon does.
    func console(_ text: String, stream: String = "stdout") throws {
        let line = "2026-01-01T00:00:00.000000000Z \(stream) F \(text)\n"
        let file = try FileDescriptor.open(
            consoleLog, .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
        _ = try file.closeAfter { try file.writeAll(line.utf8) }
    }
}
