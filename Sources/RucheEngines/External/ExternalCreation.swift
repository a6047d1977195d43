import RucheCore
import RucheHost
import SystemPackage

/// The parameters of the method `create`: the container in plain members, and as an OCI runtime's configuration
/// for programs that drive such a runtime.
struct ExternalCreation: Encodable {
    struct Mount: Encodable {
        var source: String
        var destination: String
        var readOnly: Bool

        enum CodingKeys: String, CodingKey {
            case source, destination
            case readOnly = "read_only"
        }
    }

    struct Limits: Encodable {
        var cpus: Double?
        var memoryBytes: Int64?
        var processes: Int?
        var diskBytes: Int64?
        var timeSeconds: Int?

        enum CodingKeys: String, CodingKey {
            case cpus, processes
            case memoryBytes = "memory_bytes"
            case diskBytes = "disk_bytes"
            case timeSeconds = "time_seconds"
        }
    }

    var container: String
    var image: ExternalMessages.Image
    var scratch: String
    var consoleLog: String
    var arguments: [String]
    var environment: [String: String]
    var workingDirectory: String
    var uid: UInt32
    var gid: UInt32
    var groups: [UInt32]
    var hostname: String
    var network: Bool
    var readOnlyRoot: Bool
    var mounts: [Mount]
    /// Sizes in bytes of file systems in memory, by their paths.
    var temporaries: [String: Int64]
    var limits: Limits
    var oci: RuntimeConfiguration

    enum CodingKeys: String, CodingKey {
        case container, image, scratch, arguments, environment, uid, gid, groups, hostname, network, mounts
        case temporaries, limits, oci
        case consoleLog = "console_log"
        case workingDirectory = "working_directory"
        case readOnlyRoot = "read_only_root"
    }

    /// Throws `invalid_input` for what no container can be given. The spec's numbers of users are final.
    init(_ spec: ContainerSpec, image: ExternalMessages.Image) throws {
        var sandbox = spec.sandbox
        sandbox.root = spec.scratch.appending("root")
        oci = try RuntimeConfiguration(sandbox, group: ControlGroup(container: spec.id))
        container = spec.id
        self.image = image
        scratch = spec.scratch.string
        consoleLog = spec.consoleLog.string
        arguments = sandbox.arguments
        environment = sandbox.environment
        workingDirectory = sandbox.workingDirectory
        uid = sandbox.uid
        gid = sandbox.gid
        groups = sandbox.additionalGroups
        hostname = sandbox.hostname
        network = sandbox.network
        readOnlyRoot = sandbox.readOnlyRoot
        mounts = sandbox.mounts.map {
            Mount(source: $0.source.string, destination: $0.destination, readOnly: $0.readOnly)
        }
        temporaries = sandbox.temporaries.mapValues(\.bytes)
        let limits = sandbox.limits
        self.limits = Limits(
            cpus: limits.cpus, memoryBytes: limits.memory?.bytes, processes: limits.processes,
            diskBytes: limits.disk?.bytes, timeSeconds: limits.time)
    }
}
