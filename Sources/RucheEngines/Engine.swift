package import RucheCore
package import RucheHost
package import SystemPackage

/// What executes containers. Code asks `capabilities`, never the type.
///
/// Every method is idempotent where that makes sense: a second `pause`, `kill` or `delete` is no error.
/// Methods throw `engine_unavailable` when the engine does not answer, `not_found` for an unknown container.
package protocol Engine: Sendable {
    /// The name people use: `oci-runtime`, `lxd`, `docker`, …
    var name: String { get }
    /// What it drives, in the words of the configuration; the name where people gave none.
    var kind: String { get }
    var capabilities: EngineCapabilities { get }

    /// What is missing for this engine to work here; empty when it is ready.
    func check() async -> [EngineFinding]
    /// Prepares a container and does not start it. A program that is missing may show at the start only. Nothing is left behind when this throws.
    func create(_ spec: ContainerSpec) async throws
    func start(_ id: String) async throws
    /// Makes and starts a container in one go. `permit` is awaited beside the making: nothing of the container
    /// runs before it returned, nor when it throws. Nothing is left behind when this throws.
    func launch(_ spec: ContainerSpec, permit: @escaping @Sendable () async throws -> Void) async throws
    /// The state now, also after a restart of this process and after the container ended.
    func state(_ id: String) async throws -> ContainerState
    /// Returns when the container has ended, at once when it has ended already.
    func wait(_ id: String) async throws -> ContainerExit
    func pause(_ id: String) async throws
    func resume(_ id: String) async throws
    /// Sends a signal to the container's first process.
    func signal(_ id: String, _ signal: Int32) async throws
    /// What the container uses. Of one that has ended, what the engine still knows: nothing running, maybe zeros.
    func stats(_ id: String) async throws -> ContainerStats
    /// Removes the container, killing what runs; one that is not there is no error. Logs stay where the spec put them.
    func delete(_ id: String) async throws
    /// Every container this engine holds for this data directory.
    func list() async throws -> [String]

    // MARK: Containers that serve, for engines with the capability `services`

    /// What is missing besides for containers that serve; empty when they can be started.
    func serviceFindings() async -> [EngineFinding]
    /// Starts a container that serves: a new one, or one that has ended, with what it wrote before. It has a network of
    /// its own, with the spec's ports under others of this machine. One that runs already is no error.
    ///
    /// Throws `in_use` with the detail `port` when somebody has a port; nothing runs then, and what it wrote stays.
    func serve(_ spec: ContainerSpec) async throws
    /// Ends a container that serves at once. What it wrote stays until `delete`.
    func halt(_ id: String) async throws
    /// How somebody on this machine runs a command in it; nil where nobody can.
    func entrance(_ id: String) -> InstanceEntrance?
}

extension Engine {
    package var kind: String { name }

    package func launch(_ spec: ContainerSpec, permit: @escaping @Sendable () async throws -> Void) async throws {
        try await create(spec) {
            try await permit()
            try Task.checkCancellation()
            try await start(spec.id)
        }
    }

    /// Makes a container and begins it; one that can't begin goes again.
    func create(_ spec: ContainerSpec, begin: @Sendable () async throws -> Void) async throws {
        try await create(spec)
        do { try await begin() } catch {
            // In a task of its own: a cancelled caller must not leave it. The first error is the one to report.
            try? await Task { try await delete(spec.id) }.value
            throw error
        }
    }
}

/// What an engine can do beyond running a container to its end.
package struct EngineCapabilities: OptionSet, Hashable, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let pause = Self(rawValue: 1 << 0)
    package static let checkpoint = Self(rawValue: 1 << 1)
    package static let stats = Self(rawValue: 1 << 2)
    package static let limits = Self(rawValue: 1 << 3)
    package static let network = Self(rawValue: 1 << 4)
    /// Containers outlive this process.
    package static let persistent = Self(rawValue: 1 << 5)
    package static let remote = Self(rawValue: 1 << 6)

    /// A line is in the console log before it has ended; engines that ask a daemon get whole lines only.
    package static let unfinishedLines = Self(rawValue: 1 << 7)
    /// `ContainerSpec.writableLayer` shows what the container writes; other engines keep it where this machine
    /// can't look.
    package static let writableLayer = Self(rawValue: 1 << 8)
    /// An end by lack of memory is told from any other KILL.
    package static let outOfMemory = Self(rawValue: 1 << 9)

    /// Containers that serve: kept after their end, started again, with published ports.
    package static let services = Self(rawValue: 1 << 10)

    private static let all: [(Self, String)] = [
        (.pause, "pause"), (.checkpoint, "checkpoint"), (.stats, "stats"), (.limits, "limits"),
        (.network, "network"), (.persistent, "persistent"), (.remote, "remote"),
        (.unfinishedLines, "unfinished-lines"), (.writableLayer, "writable-layer"),
        (.outOfMemory, "out-of-memory"), (.services, "services"),
    ]

    package var names: [String] { Self.all.filter { contains($0.0) }.map(\.1) }

    /// Those of the names that are known.
    package init(names: [String]) { self.init(Self.all.filter { names.contains($0.1) }.map(\.0)) }
}

/// One thing an engine lacks, and what to do about it.
package struct EngineFinding: Hashable, Sendable, Codable {
    package var message: String
    package var remedy: String?
    package init(message: String, remedy: String? = nil) {
        self.message = message
        self.remedy = remedy
    }

    /// The programs that are not here.
    static func missing(_ tools: Tool...) -> [EngineFinding] {
        tools.filter { Tool.find($0.name) == nil }.map {
            EngineFinding(message: Tool.missing($0.name).message, remedy: "apt install \($0.package_)")
        }
    }
}

/// A container to be made.
package struct ContainerSpec: Sendable {
    /// Unique on the machine; letters, digits, `-` and `_`.
    package var id: String
    /// What the root is made of.
    package var image: any ContainerImage
    /// Folder that is this container's own: overlay upper layer, bundle, console log (`console.log`).
    package var scratch: FilePath
    /// Everything but `root`, which the engine sets. Mounts, command, user, limits, network.
    package var sandbox: SandboxSpec
    /// `user[:group]` of the image by name or number, when `sandbox.uid` is not to be used as it is:
    /// resolved by the engine in the image's own passwd and group files. Nil keeps the numbers.
    package var user: String?
    /// Whether it serves, so that what it wrote outlives it; and ports of it under others of this machine.
    package var serves = false
    package var ports: [PortPublication] = []

    package init(
        id: String, image: any ContainerImage, scratch: FilePath, sandbox: SandboxSpec, user: String? = nil
    ) {
        self.id = id
        self.image = image
        self.scratch = scratch
        self.sandbox = sandbox
        self.user = user
    }

    /// The console log: one line a record, `TIME STREAM TAG TEXT` (Kubernetes' CRI log format:
    /// RFC 3339 time with nanoseconds, `stdout` or `stderr`, `F` for a whole line or `P` for a part of one).
    package var consoleLog: FilePath { scratch.appending("console.log") }
    /// What the container wrote outside its mounts, where the engine's capabilities have it; gone after `delete`.
    package var writableLayer: FilePath { scratch.appending("upper") }
}

package enum ContainerState: Hashable, Sendable {
    case created, running, paused
    case exited(ContainerExit)
    /// The engine has no such container.
    case absent
}

package struct ContainerExit: Hashable, Sendable, Codable {
    /// 0–255, 128 + signal for a signal.
    package var code: Int
    package var outOfMemory: Bool
    /// The engine ended it at its time limit.
    package var timedOut: Bool
    /// Why the engine does not know how it ended, such as a restart of the machine; `code` is then 255.
    package var lost: String?
    package init(code: Int, outOfMemory: Bool = false, timedOut: Bool = false, lost: String? = nil) {
        self.code = code
        self.outOfMemory = outOfMemory
        self.timedOut = timedOut
        self.lost = lost
    }
}

package struct ContainerStats: Hashable, Sendable {
    /// When the CPU time was read: rates are reckoned by it, whenever somebody gets to see them.
    package let takenAt: ContinuousClock.Instant
    /// CPU time used since start, nanoseconds, user and system together.
    package var cpuNanoseconds: UInt64
    /// Memory in use without page cache that can be dropped, bytes; and the peak, with it.
    package var memoryBytes: UInt64
    package var memoryPeakBytes: UInt64
    package var memoryLimitBytes: UInt64?
    package var processes: UInt64
    package var readBytes: UInt64
    package var writtenBytes: UInt64

    package init(
        cpuNanoseconds: UInt64 = 0, memoryBytes: UInt64 = 0, memoryPeakBytes: UInt64 = 0,
        memoryLimitBytes: UInt64? = nil, processes: UInt64 = 0, readBytes: UInt64 = 0, writtenBytes: UInt64 = 0,
        takenAt: ContinuousClock.Instant? = nil
    ) {
        self.takenAt = takenAt ?? .now
        self.cpuNanoseconds = cpuNanoseconds
        self.memoryBytes = memoryBytes
        self.memoryPeakBytes = memoryPeakBytes
        self.memoryLimitBytes = memoryLimitBytes
        self.processes = processes
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
    }
}
