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
    private static let leastContainerMemory = ByteCount(6 << 20)

    func plan(_ order: InstanceOrder, id: Identifier) async throws -> InstanceRecord {
        let release = try await configuration.releases.resolve(ReleaseReference(parsing: order.release))
        try release.requireStanding()
        let recipe = try ReleaseAnnotation.recipe(of: release)
        let (engine, source) = try await InstanceChoice(configuration: configuration, release: release, recipe: recipe)
            .choose(order)
        let contract = recipe?.machine ?? MachineContract()
        try check(order, engine, contract)
        if order.firmware == .uefi { try UEFIFirmware.require() }
        let name = try name(order, release)
        var record = InstanceRecord(
            id: id, name: name, owner: order.owner, release: "\(release.name):\(release.version)",
            releaseDigest: release.digest, engine: engine.name, image: source.image, cpus: order.cpus ?? contract.cpus,
            memory: order.memory ?? contract.memory,
            timeout: await timeout(order, engine), createdAt: configuration.now())
        record.createdBy = order.createdBy
        (record.ports, record.shares, record.disk) = (order.publish, order.shares, order.disk)
        record.lease = order.lease
        record.health = recipe?.service?.health
        record.box = source.box
        if case .disk = source.image {
            record.firmware = order.firmware ?? engine.firmwares.first ?? .bios
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

    // MARK: What is asked for

    /// Throws `invalid_input` with every problem.
    private func check(_ order: InstanceOrder, _ engine: any InstanceEngine, _ machine: MachineContract) throws {
        let isContainer = engine.capabilities.contains(.container)
        var problems = sizeProblems(order, machine, isContainer: isContainer) + portProblems(order.publish)
        for (index, share) in order.shares.enumerated() {
            guard let message = Self.obstacle(share) ?? (isContainer ? Self.hidden(share) : nil) else { continue }
            problems.append(Problem(path: "shares[\(index)]", message: message, found: share.source))
        }
        if !order.shares.isEmpty, !engine.capabilities.contains(.share) {
            let others = isContainer ? "" : " with machines"
            problems.append(Problem(path: "shares", message: "the engine \(engine.name) can't share folders\(others)"))
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
        problems += isContainer ? containerProblems(order, engine) : machineProblems(order, engine, machine)
        guard problems.isEmpty else {
            throw RucheError(.invalidInput, "the instance can't be started as it is asked for", problems: problems)
        }
        try requireFree(order.publish)
    }

    private func containerProblems(_ order: InstanceOrder, _ engine: any InstanceEngine) -> [Problem] {
        let wishes = [
            ("disk", order.disk != nil), ("userData", order.userData != nil), ("firmware", order.firmware != nil),
        ]
        return wishes.filter(\.1).map {
            Problem(
                path: $0.0, message: "the engine \(engine.name) starts a container, which has none",
                allowed: "nothing, or the engine qemu for a release with a disk")
        }
    }

    private func machineProblems(
        _ order: InstanceOrder, _ engine: any InstanceEngine, _ machine: MachineContract
    ) -> [Problem] {
        var problems: [Problem] = []
        if let firmware = order.firmware, !engine.firmwares.contains(firmware) {
            problems.append(
                Problem(
                    path: "firmware", message: "the engine \(engine.name) does not start machines with it",
                    found: firmware.rawValue, allowed: engine.firmwares.map(\.rawValue).joined(separator: ", ")))
        }
        if let command = order.command {
            problems.append(
                Problem(
                    path: "command", message: "a machine starts its services itself", found: String(command.prefix(80)),
                    allowed: "nothing, or an engine of containers"))
        }
        if !machine.cloudInit {
            let wishes = [("userData", order.userData != nil), ("shares", !order.shares.isEmpty)]
            problems += wishes.filter(\.1).map {
                Problem(path: $0.0, message: "the image has no cloud-init, which would see to it")
            }
        }
        if let text = order.userData {
            do { _ = try CloudSeed.type(of: text) } catch let error as RucheError {
                problems += error.problems
            } catch {
                problems.append(Problem(path: "userData", message: "\(error)"))
            }
        }
        return problems
    }

    private func sizeProblems(
        _ order: InstanceOrder, _ machine: MachineContract, isContainer: Bool
    ) -> [Problem] {
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
        // A container takes what it needs; its memory is a limit.
        let available = isContainer && order.memory == nil ? memory : MachineMemory.available() ?? memory
        let least = isContainer ? Self.leastContainerMemory : Self.leastMemory
        if memory < least || memory > available {
            let message =
                memory > available ? "this machine has not so much to give now" : "this is too little to start in"
            problems.append(
                Problem(
                    path: "memory", message: message, found: "\(memory)",
                    allowed: "\(least) to \(available)"))
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

    /// Folders that the kernel makes for a container.
    private static func hidden(_ share: InstanceShare) -> String? {
        let first = share.target.split(separator: "/").first
        return first.map { ["dev", "proc", "sys"].contains($0) } == true ? "nothing can be shown there" : nil
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
}
