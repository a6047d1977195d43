import RucheCore

/// What runs instances: virtual machines, or containers that serve. Code asks `capabilities`, never the type.
///
/// An instance outlives this process. All that an engine keeps of it is in the instance's folder; every method can be
/// called again after a crash, and a second `powerDown`, `kill` or `delete` is no error.
package protocol InstanceEngine: Sendable {
    /// The name people use: `qemu`, `oci-runtime`, …
    var name: String { get }
    var capabilities: InstanceCapabilities { get }
    /// How machines get their processors here; nil for what is no machine. Found out once.
    func acceleration() async -> InstanceAcceleration?

    /// What is missing for this engine to work here; empty when it is ready.
    func check() async -> [EngineFinding]
    /// Makes what the instance is started from in its folder. Throws `invalid_input` for what it can't be made of.
    func create(_ spec: InstanceSpec) async throws
    /// Returns when it runs. Throws `in_use` with the detail `port` when a port was taken meanwhile; nothing runs then.
    func start(_ spec: InstanceSpec) async throws
    func isRunning(_ spec: InstanceSpec) async -> Bool
    /// Asks it to end by itself.
    func powerDown(_ spec: InstanceSpec) async throws
    /// Ends it at once; returns when nothing of it runs.
    func kill(_ spec: InstanceSpec) async throws
    /// Keeps the disk as it is now, running or not.
    func snapshot(_ spec: InstanceSpec, as name: String) async throws
    /// Gives a stopped instance the disk that it had.
    func restore(_ spec: InstanceSpec, to name: String) async throws
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

    private static let all: [(Self, String)] = [
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
