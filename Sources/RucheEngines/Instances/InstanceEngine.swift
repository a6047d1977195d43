package import RucheCore

/// What runs instances: virtual machines, or containers that serve. Code asks `capabilities`, never the type.
///
/// An instance outlives this process. All that an engine keeps of it is in the instance's folder; every method can be
/// called again after a crash, and a second `powerDown`, `kill` or `delete` is no error.
package protocol InstanceEngine: Sendable {
    /// The name people use: `qemu`, `oci-runtime`, …
    var name: String { get }
    /// What it drives, in the words of the configuration; the name where people gave none.
    var kind: String { get }
    var capabilities: InstanceCapabilities { get }
    /// What can start its machines before their disks do; the first is taken where nobody chose.
    var firmwares: [MachineFirmware] { get }
    /// How machines get their processors here; nil for what is no machine. Found out once.
    func acceleration() async -> InstanceAcceleration?

    /// What is missing for this engine to work here; empty when it is ready.
    func check() async -> [EngineFinding]
    /// Makes what the instance is started from in its folder. Throws `invalid_input` for what it can't be made of.
    func create(_ spec: InstanceSpec) async throws
    /// Returns when it runs. Throws `in_use` with the detail `port` when a port was taken meanwhile; nothing runs then.
    func start(_ spec: InstanceSpec) async throws
    /// Whether it runs. An engine that does not answer is taken to run what it ran.
    func isRunning(_ spec: InstanceSpec) async -> Bool
    /// How one that has ended did so, as a sentence; nil where there is nothing to say.
    func ending(_ spec: InstanceSpec) async -> String?
    /// Asks it to end by itself.
    func powerDown(_ spec: InstanceSpec) async throws
    /// Ends it at once; returns when nothing of it runs.
    func kill(_ spec: InstanceSpec) async throws
    /// Ends it, and removes what the engine has of it outside its folder.
    func delete(_ spec: InstanceSpec) async throws
    /// Those that the engine has outside their folders.
    func held() async throws -> [Identifier]
    /// How somebody on this machine runs a command in it, where that is not by SSH.
    func entrance(_ spec: InstanceSpec) -> InstanceEntrance?
    /// What joins a terminal of this machine and the console; nil where that is the socket in the instance's folder.
    func console(_ spec: InstanceSpec) -> ConsoleProgram?
    /// Keeps the disk as it is now, running or not.
    func snapshot(_ spec: InstanceSpec, as name: String) async throws
    /// Gives a stopped instance the disk that it had.
    func restore(_ spec: InstanceSpec, to name: String) async throws
}

extension InstanceEngine {
    package var kind: String { name }
    package var firmwares: [MachineFirmware] { [.bios, .uefi] }
    package func ending(_ spec: InstanceSpec) async -> String? { nil }
    package func delete(_ spec: InstanceSpec) async throws { try await kill(spec) }
    package func held() async throws -> [Identifier] { [] }
    package func entrance(_ spec: InstanceSpec) -> InstanceEntrance? { nil }
    package func console(_ spec: InstanceSpec) -> ConsoleProgram? { nil }

    package func snapshot(_ spec: InstanceSpec, as name: String) async throws { throw refusal(.snapshot) }
    package func restore(_ spec: InstanceSpec, to name: String) async throws { throw refusal(.snapshot) }

    /// Throws `invalid_state` while it runs: its disk is in use.
    func requireStopped(_ spec: InstanceSpec) async throws {
        guard await !isRunning(spec) else {
            throw RucheError(.invalidState, "the disk of an instance that runs can't be given back")
        }
    }

    private func refusal(_ capability: InstanceCapabilities) -> RucheError {
        RucheError(
            .unsupported, "the engine \(name) has no \(capability.names.joined())", details: ["engine": name])
    }
}

/// What an engine can do with an instance beyond running it.
package struct InstanceCapabilities: OptionSet, Hashable, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let snapshot = Self(rawValue: 1 << 0)
    /// A console that one can type at.
    package static let console = Self(rawValue: 1 << 1)
    package static let share = Self(rawValue: 1 << 2)
    /// Ports under others of this machine.
    package static let publish = Self(rawValue: 1 << 3)
    /// First settings through cloud-init, and a key to log in with.
    package static let seed = Self(rawValue: 1 << 4)
    /// It runs virtual machines, from disks.
    package static let machine = Self(rawValue: 1 << 5)
    /// It runs containers, from images.
    package static let container = Self(rawValue: 1 << 6)

    private static let all: [(Self, String)] = [
        (.machine, "machine"), (.container, "container"),
        (.snapshot, "snapshot"), (.console, "console"), (.share, "share"), (.publish, "publish"), (.seed, "seed"),
    ]

    package var names: [String] { Self.all.filter { contains($0.0) }.map(\.1) }
}

/// How machines get their processors.
package enum InstanceAcceleration: Hashable, Sendable {
    case hardware
    /// Every instruction is translated, which is many times slower; and why.
    case emulation(String)
}
