package import RucheCore
package import SystemPackage

/// What runs in one container of an OCI runtime, in the terms of this project rather than of `config.json`.
package struct SandboxSpec: Sendable {
    package struct Mount: Hashable, Sendable {
        package var source: FilePath
        /// Absolute path in the container; made when it is missing.
        package var destination: String
        package var readOnly: Bool
        package init(source: FilePath, destination: String, readOnly: Bool) {
            self.source = source
            self.destination = destination
            self.readOnly = readOnly
        }
    }

    package enum Privileges: Sendable {
        /// Root with the capabilities a package manager needs (Docker's default set), no new privileges.
        case build
        /// No capability but those of `capabilities`, no new privileges.
        case none
    }

    /// The root file system, already mounted.
    package var root: FilePath
    package var readOnlyRoot: Bool
    package var arguments: [String]
    package var environment: [String: String]
    package var workingDirectory: String
    package var uid: UInt32
    package var gid: UInt32
    package var additionalGroups: [UInt32]
    package var hostname: String
    /// True shares the host's network; false is a network namespace with only its loopback.
    package var network: Bool
    package var mounts: [Mount]
    /// Sizes of tmpfs mounts by path, such as `/tmp`.
    package var temporaries: [String: ByteCount]
    package var privileges: Privileges
    /// The kernel's names of capabilities besides, such as `CAP_SETUID`.
    package var capabilities: [String] = []
    /// Whether anybody may listen on ports below 1024, in a network of its own.
    package var opensLowPorts = false
    /// True gives the program a terminal of its own, joined to the one this process has.
    package var terminal = false
    package var limits: ResourceLimits

    package init(root: FilePath, arguments: [String]) {
        self.root = root
        self.arguments = arguments
        readOnlyRoot = false
        environment = [:]
        workingDirectory = "/"
        uid = 0
        gid = 0
        additionalGroups = []
        hostname = "ruche"
        network = false
        mounts = []
        temporaries = [:]
        privileges = .none
        limits = ResourceLimits()
    }
}
