import Glibc
package import RucheCore
import RucheHost

extension DockerEngine {
    /// What the daemon itself lacks is told by `check`.
    package func serviceFindings() async -> [EngineFinding] {
        if capabilities.contains(.remote) {
            return [
                EngineFinding(
                    message: "it is on another machine, where nobody finds the ports of instances",
                    remedy: "name an engine of this machine")
            ]
        }
        let network = settings.text("network") ?? Self.bridge
        guard network != "host", network != "none", !network.hasPrefix("container:") else {
            return [
                EngineFinding(
                    message: "its network is \"\(network)\": instances have one of their own",
                    remedy: "name another network in the configuration")
            ]
        }
        // Podman makes the one that it calls so when it is asked for.
        if settings.kind == .podman, network == Self.bridge { return [] }
        return await networkFindings(network)
    }

    static let bridge = "bridge"
    /// Times that a start is tried where it may fail for a moment.
    private static let attempts = 3

    private func networkFindings(_ network: String) async -> [EngineFinding] {
        do {
            let answer = try await client.connection.send(
                EngineRequest("GET", "/networks/\(network)", timeout: .seconds(20)))
            guard answer.status == 404 else { return [] }
            return [
                EngineFinding(
                    message: "it has no network \"\(network)\"",
                    remedy: "make it with \"\(settings.kind.rawValue) network create NAME\", and name it with "
                        + "\"network\" in the configuration")
            ]
        } catch {
            return []  // told by `check`
        }
    }

    package func serve(_ spec: ContainerSpec) async throws {
        try ContainerID.check(spec.id)
        var spec = spec
        spec.sandbox.network = true
        spec.sandbox.opensLowPorts = true
        guard let container = try await inspect(spec.id) else {
            return try await create(spec) { [spec] in try await begin(spec) }
        }
        switch container.State.Status {
        case "running": follow(spec.id, container)
        case "paused": try await resume(spec.id)
        default: try await begin(spec)
        }
    }

    private func begin(_ spec: ContainerSpec) async throws {
        for attempt in 1... {
            do {
                try await client.start(spec.id)
                break
            } catch let error as RucheError {
                // Podman may still be clearing up after the container's end, which has its ports until then.
                guard try await !quirks().losesEnds || attempt == Self.attempts else {
                    try await Task.sleep(for: .milliseconds(300))
                    continue
                }
                if let port = spec.ports.first(where: { Self.isTaken($0, error.message) }) { throw port.taken() }
                throw error
            }
        }
        // Another one than that which followed it to its end before.
        followers.removeValue(forKey: spec.id)?.cancel()
        guard let container = try await inspect(spec.id) else { return }
        signalled.remove(container.Id)
        follow(spec.id, container)
    }

    /// Whether the daemon says that somebody has the port: Docker's "Bind for ADDRESS:PORT failed: port is already
    /// allocated", and everybody's "listen tcp4 ADDRESS:PORT: bind: address already in use".
    private static func isTaken(_ port: PortPublication, _ message: String) -> Bool {
        message.contains(":\(port.host)")
            && ["already allocated", "already in use"].contains { message.contains($0) }
    }

    package nonisolated func entrance(_ id: String) -> InstanceEntrance? {
        guard case .unix(let socket) = client.connection.address else { return nil }
        let program = settings.kind.rawValue
        let place =
            settings.kind == .podman ? ["--remote", "--url", "unix://\(socket)"] : ["--host", "unix://\(socket)"]
        return InstanceEntrance(program: [program] + place + ["exec", "--interactive"], container: id)
    }

    package func halt(_ id: String) async throws {
        try ContainerID.check(id)
        // In a task of its own: a cancelled caller must not leave it half ended.
        try await Task {
            guard let container = try await inspect(id) else { return }
            try await end(id, container)
            // Podman calls a container ended before it lets its ports go, also one that ended by itself.
            for binding in (container.HostConfig?.PortBindings ?? [:]).values.compactMap(\.self).joined() {
                if let port = Int(binding.HostPort) { await LocalPort.awaitFree(binding.HostIp, port) }
            }
        }.value
    }
}
