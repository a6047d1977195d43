import Glibc
import RucheBuild
import RucheCore
import RucheEngines
import RucheHost
import RucheImages

/// Checks an order whole, and says what comes of it. Touches nothing.
struct InstancePlanner: Sendable {
    let configuration: InstanceServiceConfiguration
    /// Those that are here already.
    let others: [InstanceRecord]

    /// The smallest memory that a system of today starts in.
    private static let leastMemory = ByteCount(64 << 20)

    func plan(_ order: InstanceOrder, id: Identifier) async throws -> InstanceRecord {
        let release = try await configuration.releases.resolve(ReleaseReference(parsing: order.release))
        try release.requireStanding()
        let recipe = try ReleaseAnnotation.recipe(of: release)
        let (engine, image) = try await engine(order, release)
        let contract = recipe?.machine ?? MachineContract()
        try await requireReady(engine)
        try check(order, engine, machine: contract)
        let name = try name(order, release)
        var record = InstanceRecord(
            id: id, name: name, owner: order.owner, release: "\(release.name):\(release.version)",
            releaseDigest: release.digest, engine: engine.name, image: image, cpus: order.cpus ?? contract.cpus,
            memory: order.memory ?? contract.memory,
            timeout: await timeout(order, engine), createdAt: configuration.now())
        record.createdBy = order.createdBy
        (record.ports, record.shares, record.disk) = (order.publish, order.shares, order.disk)
        record.lease = order.lease
        record.health = recipe?.service?.health
        if case .disk = image {
            record.cloudInit = recipe.map { _ in contract.cloudInit }
            record.ssh = contract.ssh
            record.user = contract.cloudInit ? contract.user : "root"
            record.network = contract.network
        }
        return record
    }

    private func timeout(_ order: InstanceOrder, _ engine: any InstanceEngine) async -> Int {
        if let timeout = order.timeout { return timeout }
        if case .emulation = await engine.acceleration() { return configuration.emulationTimeout }
        return configuration.timeout
    }

    // MARK: What it is made of

    /// The engine that is named, else a machine where the release has a disk.
    private func engine(
        _ order: InstanceOrder, _ release: Release
    ) async throws -> (any InstanceEngine, InstanceRecord.Image) {
        let disks = try await release.disks(architecture: configuration.architecture, in: configuration.content)
        let usable: [DiskFormat] = [.qcow2, .raw]
        let disk = usable.lazy.compactMap { format in disks.first { $0.format == format } }.first
        let wanted = order.engine ?? (disk != nil ? "qemu" : nil)
        let isMachine = wanted == "qemu"
        guard let engine = configuration.engines.first(where: { $0.name == wanted ?? "qemu" }) else {
            let known = configuration.engines.map(\.name).joined(separator: ", ")
            throw RucheError(.unsupported, "there is no engine \"\(wanted ?? "")\" for instances: use one of \(known)")
        }
        if let disk, isMachine { return (engine, .disk(disk.blob, disk.format)) }
        throw RucheError(
            .unsupported,
            "\(release.name):\(release.version) has no disk that a machine can be started from here "
                + "(qcow2 or raw for \(configuration.architecture)); it has \(Self.variants(release))",
            details: ["release": "\(release.name):\(release.version)"])
    }

    private static func variants(_ release: Release) -> String {
        let names = release.index.manifests.map { manifest in
            let format =
                manifest.annotations?[Annotation.diskFormat] ?? manifest.artifactType.map { "\($0)" } ?? "oci"
            return format + (manifest.platform.map { " for \($0.architecture)" } ?? "")
        }
        return names.isEmpty ? "no variant at all" : names.joined(separator: ", ")
    }

    private func requireReady(_ engine: any InstanceEngine) async throws {
        let findings = await engine.check()
        guard let first = findings.first else { return }
        throw RucheError(
            .missingTool, "the engine \"\(engine.name)\" is not ready: \(first.message)",
            details: ["engine": engine.name],
            problems: findings.map {
                Problem(path: "engine", message: $0.message, found: engine.name, allowed: $0.remedy)
            })
    }

    // MARK: What is asked for

    /// Throws `invalid_input` with every problem.
    private func check(_ order: InstanceOrder, _ engine: any InstanceEngine, machine: MachineContract) throws {
        var problems = sizeProblems(order, machine) + portProblems(order.publish)
        for (index, share) in order.shares.enumerated() {
            guard let message = Self.obstacle(share) else { continue }
            problems.append(Problem(path: "shares[\(index)]", message: message, found: share.source))
        }
        if !order.shares.isEmpty, !engine.capabilities.contains(.share) {
            problems.append(Problem(path: "shares", message: "the engine \(engine.name) can't share folders"))
        }
        if let name = order.name, !InstanceName.isValid(name) {
            problems.append(
                Problem(
                    path: "name", message: "this is no host name", found: String(name.prefix(80)),
                    allowed: InstanceName.rule))
        }
        for (path, seconds) in [("lease", order.lease), ("timeout", order.timeout)] {
            guard let seconds, !(1...31_536_000).contains(seconds) else { continue }
            problems.append(
                Problem(path: path, message: "this is no time of a second to a year", found: "\(seconds)"))
        }
        if !machine.cloudInit {
            let wishes = [("userData", order.userData != nil), ("shares", !order.shares.isEmpty)]
            problems += wishes.filter(\.1).map {
                Problem(path: $0.0, message: "the image has no cloud-init, which would see to it")
            }
        }
        if let text = order.userData {
            do { _ = try CloudSeed.type(of: text) } catch let error as RucheError { problems += error.problems }
        }
        guard problems.isEmpty else {
            throw RucheError(.invalidInput, "the instance can't be started as it is asked for", problems: problems)
        }
        try requireFree(order.publish)
    }

    private func sizeProblems(_ order: InstanceOrder, _ machine: MachineContract) -> [Problem] {
        var problems: [Problem] = []
        let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let cpus = order.cpus ?? machine.cpus
        if !(1...processors).contains(cpus) {
            problems.append(
                Problem(
                    path: "cpus", message: "this machine has not so many processors", found: "\(cpus)",
                    allowed: "1 to \(processors)"))
        }
        let memory = order.memory ?? machine.memory
        let available = MachineMemory.available() ?? memory
        if memory < Self.leastMemory || memory > available {
            let message =
                memory > available ? "this machine has not so much to give now" : "this is too little to start in"
            problems.append(
                Problem(
                    path: "memory", message: message, found: "\(memory)",
                    allowed: "\(Self.leastMemory) to \(available)"))
        }
        return problems
    }

    private func portProblems(_ ports: [PortPublication]) -> [Problem] {
        ports.enumerated().compactMap { index, port in
            if !port.isValid {
                return Problem(
                    path: "publish[\(index)]", message: "this is no port", found: "\(port)",
                    allowed: PortPublication.rule)
            }
            guard ports[..<index].contains(where: { $0.collides(with: port) }) else { return nil }
            return Problem(
                path: "publish[\(index)]", message: "port \(port.host) is published twice", found: "\(port)")
        }
    }

    private static func obstacle(_ share: InstanceShare) -> String? {
        guard share.isValid else { return "both must be absolute paths without commas" }
        var status = stat()
        guard stat(share.source, &status) == 0 else { return "there is no such folder on this machine" }
        return status.st_mode & S_IFMT == S_IFDIR ? nil : "this is no folder"
    }

    private func name(_ order: InstanceOrder, _ release: Release) throws -> String {
        let taken = Set(others.filter { $0.owner == order.owner }.map(\.name))
        guard let name = order.name else { return InstanceName.free(for: release.name, taken: taken) }
        guard !taken.contains(name) else {
            throw RucheError(
                .conflict, "there is an instance \"\(name)\" already: choose another name, or destroy that one",
                details: ["name": name])
        }
        return name
    }

    // MARK: Ports

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
        var wanted = record.ssh ? [InstanceRecord.sshPort] : []
        if let health = record.health, record.localPort(of: health.port) == nil { wanted.append(health.port) }
        var chosen: [PortPublication] = []
        for guest in wanted {
            let free = (0..<20).lazy.compactMap { _ in LocalPort.free() }.map {
                PortPublication(host: $0, guest: guest)
            }
            guard
                let port = free.first(where: { port in
                    user(of: port) == nil && !(record.ports + chosen).contains { $0.collides(with: port) }
                })
            else {
                throw RucheError(.engineUnavailable, "no port of the loopback interface is free")
            }
            chosen.append(port)
        }
        return chosen
    }
}
