import Glibc
import RucheCore
import RucheHost
import Synchronization
package import SystemPackage

/// Runs containers with a program of the operator's own, which speaks the protocol of `docs/engine-protocol.md`
/// on its standard streams.
package final class ExternalEngine: Engine {
    package let name: String
    private let configuration: ExternalConfiguration
    private let program: ExternalProgram
    private let images: ExternalImages
    /// Containers deleted here lately: who waits for one is told that it was killed.
    private let deleted = Mutex<[String]>([])

    private static let remembered = 256

    package init(data: FilePath, configuration: ExternalConfiguration) {
        name = configuration.name
        self.configuration = configuration
        program = ExternalProgram(configuration, data: data.string)
        images = ExternalImages(folder: data.appending("run/\(configuration.name)"))
    }

    /// What the program declared; nothing before it was started for the first time.
    package var capabilities: EngineCapabilities { program.traits.capabilities }

    package func check() async -> [EngineFinding] {
        do {
            let answer: ExternalMessages.Findings = try await call("check", ExternalMessages.Nothing())
            return answer.findings
        } catch let error as RucheError {
            return [EngineFinding(message: error.message)]
        } catch {
            return [EngineFinding(message: "the engine \(name) can't be asked: \(error)")]
        }
    }

    package func create(_ spec: ContainerSpec) async throws {
        try spec.sandbox.validate()
        try ContainerID.check(spec.id)
        var spec = spec
        let layers = try await spec.image.layers()
        if let user = spec.user {
            let identity = try ImageUsers(layers: layers).resolve(user)
            spec.sandbox.uid = identity.uid
            spec.sandbox.gid = identity.gid
            spec.sandbox.additionalGroups = identity.groups
        }
        var image = ExternalMessages.Image(digest: spec.image.digest.description)
        // Before the image: nothing is made ready for what can't run.
        _ = try ExternalCreation(spec, image: image)
        let connection = try await program.connected()
        if program.traits.wantsArchives {
            try await images.prepare(spec.image, connection, configuration.timeout)
        } else {
            image.layers = layers.map(\.string)
        }
        let creation = try ExternalCreation(spec, image: image)
        deleted.withLock { $0.removeAll { $0 == spec.id } }
        do {
            let _: ExternalMessages.Nothing = try await connection.call(
                "create", creation, timeout: configuration.timeout)
        } catch {
            await removeHalfMade(spec.id, error)
            throw error
        }
    }

    /// Nobody knows how far a program came that did not answer, or whose caller has gone.
    private func removeHalfMade(_ id: String, _ error: any Error) async {
        let isUnclear = (error as? RucheError)?.code == .engineUnavailable || error is CancellationError
        guard isUnclear else { return }
        // In a task of its own, for a caller that was cancelled; the first error is the one to report.
        _ = try? await Task { try await delete(id) }.value
    }

    package func start(_ id: String) async throws { try await order("start", id) }
    package func pause(_ id: String) async throws { try await order("pause", id) }
    package func resume(_ id: String) async throws { try await order("resume", id) }

    package func state(_ id: String) async throws -> ContainerState {
        try ContainerID.check(id)
        let answer: ExternalMessages.State = try await call("state", ExternalMessages.Container(container: id))
        switch (answer.state, answer.exit) {
        case ("created", _): return .created
        case ("running", _): return .running
        case ("paused", _): return .paused
        case ("absent", _): return .absent
        case ("exited", let exit?):
            return .exited(
                ContainerExit(
                    code: exit.lost == nil ? min(max(exit.code, 0), 255) : 255,
                    outOfMemory: exit.outOfMemory ?? false, timedOut: exit.timedOut ?? false,
                    lost: exit.lost.map { String($0.prefix(2000)) }))
        default:
            throw RucheError(.engineUnavailable, "the engine \"\(name)\" does not say the state of the container \(id)")
        }
    }

    package func wait(_ id: String) async throws -> ContainerExit {
        var pause = Duration.milliseconds(5)
        while true {
            switch try await state(id) {
            case .exited(let exit): return exit
            case .absent:
                if deleted.withLock({ $0.contains(id) }) { return ContainerExit(code: 128 + Int(SIGKILL)) }
                throw RucheError(.notFound, "the engine \(name) has no container \(id)", details: ["id": id])
            case .created, .running, .paused: break
            }
            await program.exits.next(id, within: pause)
            try Task.checkCancellation()
            pause = min(pause * 2, program.traits.tellsExits ? .seconds(5) : .milliseconds(500))
        }
    }

    package func signal(_ id: String, _ signal: Int32) async throws {
        try ContainerID.check(id)
        let _: ExternalMessages.Nothing = try await call(
            "signal", ExternalMessages.Signal(container: id, signal: signal))
    }

    package func stats(_ id: String) async throws -> ContainerStats {
        try ContainerID.check(id)
        let stats: ExternalMessages.Stats = try await call("stats", ExternalMessages.Container(container: id))
        return ContainerStats(
            cpuNanoseconds: stats.cpuNanoseconds, memoryBytes: stats.memoryBytes,
            memoryPeakBytes: max(stats.memoryPeakBytes ?? 0, stats.memoryBytes),
            memoryLimitBytes: stats.memoryLimitBytes, processes: stats.processes ?? 0,
            readBytes: stats.readBytes ?? 0, writtenBytes: stats.writtenBytes ?? 0)
    }

    package func delete(_ id: String) async throws {
        // Whoever waits for a container that was there hears of its end; nobody waits for a stranger's.
        if try await state(id) != .absent {
            deleted.withLock { ids in
                ids.removeAll { $0 == id }
                ids = ids.suffix(Self.remembered - 1) + [id]
            }
        }
        // In a task of its own: a cancelled caller must not leave half a container.
        try await Task { try await order("delete", id) }.value
        program.exits.ended(id)
    }

    package func list() async throws -> [String] {
        let answer: ExternalMessages.Containers = try await call("list", ExternalMessages.Nothing())
        return answer.containers.sorted()
    }

    private func order(_ method: String, _ id: String) async throws {
        try ContainerID.check(id)
        let _: ExternalMessages.Nothing = try await call(method, ExternalMessages.Container(container: id))
    }

    private func call<Parameters: Encodable, Result: Decodable>(
        _ method: String, _ parameters: Parameters
    ) async throws -> Result {
        try await program.connected().call(method, parameters, timeout: configuration.timeout)
    }
}
