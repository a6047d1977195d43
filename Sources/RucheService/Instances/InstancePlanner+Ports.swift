import RucheCore
import RucheHost

extension InstancePlanner {
    /// Throws `in_use` for a port that somebody has.
    func requireFree(_ ports: [PortPublication]) throws {
        if let port = ports.first(where: { !isFree($0) }) { throw taken(port) }
    }

    private func isFree(_ port: PortPublication) -> Bool {
        user(of: port) == nil && LocalPort.obstacle(port.address, port.host) == nil
    }

    /// Another instance that may run and has the port.
    private func user(of port: PortPublication) -> InstanceRecord? {
        others.first { other in other.state.mayRun && other.allPorts.contains { $0.collides(with: port) } }
    }

    private func taken(_ port: PortPublication) -> RucheError {
        let reason =
            user(of: port).map { "taken by the instance \"\($0.name)\"" }
            ?? LocalPort.obstacle(port.address, port.host) ?? "taken"
        return RucheError(
            .inUse, "port \(port.host) of \(port.address) can't be published (\(reason)): choose another one",
            details: ["port": "\(port.host)", "address": port.address])
    }

    /// Ports for logging in and for the check of its health, where they are not published anyway.
    func privatePorts(_ record: InstanceRecord) throws -> [PortPublication] {
        var published = record
        published.privatePorts = []  // those of an earlier start
        var wanted = record.ssh ? [InstanceRecord.sshPort] : []
        if let health = record.health, published.localPort(of: health.port) == nil { wanted.append(health.port) }
        var chosen: [PortPublication] = []
        for guest in wanted {
            // The one that it had, where nobody took it meanwhile: some engines can't change it.
            let before = record.privatePorts.filter {
                $0.guest == guest && LocalPort.obstacle($0.address, $0.host) == nil
            }
            let free = (0..<20).lazy.compactMap { _ in LocalPort.free() }.map {
                PortPublication(host: $0, guest: guest)
            }
            guard
                let port = before.first(where: { isUnclaimed($0, record.ports + chosen) })
                    ?? free.first(where: { isUnclaimed($0, record.ports + chosen) })
            else {
                throw RucheError(.engineUnavailable, "no port of the loopback interface is free")
            }
            chosen.append(port)
        }
        return chosen
    }

    private func isUnclaimed(_ port: PortPublication, _ own: [PortPublication]) -> Bool {
        user(of: port) == nil && !own.contains { $0.collides(with: port) }
    }
}
