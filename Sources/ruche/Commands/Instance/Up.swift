import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import RucheWire
import SystemPackage

struct Up: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start a machine or a container from a release, and wait until it is healthy.",
        discussion: """
            A release with a disk (qcow2, raw, lxd-vm, a Vagrant box) becomes a machine: its disk is a thin layer over the stored image, nothing \
            is copied. One with a container image only, or with an engine of containers named, becomes a container that \
            runs the service's command; an LXD starts both. It goes on when this command ends, and when the server does. "ruche instance" \
            looks at it and ends it.

            Ready means healthy: it writes to its console, cloud-init is done, one can log in, and the recipe's health \
            check is passed. What does not apply is left out.

            Examples:
              ruche up lab/minimal-vm
              ruche up lab/hub --name hub --publish 8080:80 --memory 4G --cpus 2 --for 8h
              ruche up lab/hub --publish 0.0.0.0:8080:80 --share /data/genomes:/mnt/genomes
              ruche up lab/hub --user-data setup.yaml --detach
              ruche up lab/hub --engine oci-runtime --publish 8080:8000
              ruche up lab/hub --engine libvirt --firmware uefi
              ruche up lab/minimal-vm --engine lxd
              ruche up lab/site --engine docker --command api --publish 8080:80
            """)

    @Argument(help: "The release: owner/name[:version].", transform: Arguments.release)
    var release: ReleaseReference

    @Option(help: "Its name and host name; made of the environment's by default.")
    var name: String?

    @Option(help: "Processors; as the recipe says by default.")
    var cpus: Int?

    @Option(help: ArgumentHelp("Memory; as the recipe says by default.", valueName: "size"), transform: Arguments.size)
    var memory: ByteCount?

    @Option(
        help: ArgumentHelp("Size of its disk; the image's by default.", valueName: "size"), transform: Arguments.size)
    var disk: ByteCount?

    @Option(help: "What starts a machine before its disk does: bios, uefi; bios by default, uefi with LXD.")
    var firmware: MachineFirmware?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A port of it under one of this machine; may be given again.", valueName: "[address:]port:port"),
        transform: Self.port)
    var publish: [PortPublication] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("A folder of this machine, seen there; may be given again.", valueName: "dir[:path]"),
        completion: .directory)
    var share: [String] = []

    @Option(
        help: ArgumentHelp("What cloud-init does besides: #cloud-config, or a script.", valueName: "file"),
        completion: .file())
    var userData: String?

    @Option(
        help: "What runs it: qemu, oci-runtime, or an engine of the configuration that \"ruche engine list\" shows.")
    var engine: String?

    @Option(help: "Which of the service's commands a container runs; the only one by default.")
    var command: String?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Stop it after this time: 30m, 8h, 7d. It is never destroyed.", valueName: "time"),
        transform: Arguments.time)
    var lease: Int?

    @Option(
        help: ArgumentHelp(
            "How long it may take to become ready; 5m by default, 20m without KVM.", valueName: "time"),
        transform: Arguments.time)
    var timeout: Int?

    @Option(help: "Whose it becomes.", transform: Arguments.owner)
    var owner: OwnerName?

    @Flag(name: [.short, .long], help: "Return when it runs, and do not wait until it is ready.")
    var detach = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        var request = InstanceRequest(release: "\(release)")
        (request.name, request.engine, request.command, request.cpus) = (name, engine, command, cpus)
        (request.memory, request.disk, request.lease, request.timeout) = (memory, disk, lease, timeout)
        (request.owner, request.firmware) = (owner, firmware)
        request.publish = publish.isEmpty ? nil : publish
        request.shares = share.isEmpty ? nil : try share.map { try Self.share($0, context.environment) }
        request.userData = try userData.map { try Self.text(context.environment.absolute($0)) }
        let wanted = request
        try await context.withClient { client in
            let instance = try await client.startInstance(wanted)
            let follower = InstanceFollower(context: context)
            if detach { return try follower.report(instance) }
            do { try await follower.untilReady(instance, client) } catch is CancellationError {
                context.output.note(
                    "\(instance.name) goes on; \"ruche instance destroy \(instance.name)\" ends it", .yellow)
                throw CancellationError()
            }
        }
    }

    @Sendable private static func port(_ text: String) throws -> PortPublication {
        guard let port = PortPublication(text) else {
            throw ValidationError("\"\(text)\" is not \(PortPublication.rule)")
        }
        return port
    }

    /// The server is told the whole path.
    private static func share(_ text: String, _ environment: ProcessEnvironment) throws -> InstanceShare {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let source = environment.absolute(parts[0]).string
        guard let share = InstanceShare(([source] + parts.dropFirst()).joined(separator: ":")) else {
            throw RucheError(
                .invalidInput, "\"\(text)\" is not DIR[:PATH]: a folder of this machine and an absolute path, no commas"
            )
        }
        return share
    }

    private static func text(_ path: FilePath) throws -> String {
        do {
            let bytes = try AtomicFile.read(path, limit: 512 << 10)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw RucheError(.invalidInput, "the user data in \(path) is no text")
            }
            return text
        } catch let error as Errno {
            throw RucheError(
                error == .noSuchFileOrDirectory ? .notFound : .invalidInput, "can't read \(path): \(error)",
                cause: error)
        }
    }
}

extension MachineFirmware: ExpressibleByArgument {}
