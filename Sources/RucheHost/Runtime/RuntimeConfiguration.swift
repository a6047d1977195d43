/// The parts of an OCI runtime's `config.json` that this project uses (runtime-spec 1.0.2, config.md and
/// config-linux.md; member names are the specification's).
package struct RuntimeConfiguration: Hashable, Sendable, Codable {
    package struct Root: Hashable, Sendable, Codable {
        package var path: String
        package var readonly: Bool
    }

    package struct User: Hashable, Sendable, Codable {
        package var uid: UInt32
        package var gid: UInt32
        package var additionalGids: [UInt32]
        package var umask: UInt32
    }

    package struct Capabilities: Hashable, Sendable, Codable {
        package var bounding: [String]
        package var effective: [String]
        package var permitted: [String]

        /// The same capabilities in each set; inheritable and ambient stay empty.
        package init(_ names: [String]) {
            bounding = names
            effective = names
            permitted = names
        }
    }

    package struct ResourceLimit: Hashable, Sendable, Codable {
        package var type: String
        package var soft: UInt64
        package var hard: UInt64
    }

    package struct Process: Hashable, Sendable, Codable {
        package var terminal: Bool
        package var user: User
        package var args: [String]
        package var env: [String]
        package var cwd: String
        package var capabilities: Capabilities
        package var rlimits: [ResourceLimit]
        package var noNewPrivileges: Bool
    }

    package struct Mount: Hashable, Sendable, Codable {
        package var destination: String
        package var type: String
        package var source: String
        package var options: [String]
    }

    package struct Namespace: Hashable, Sendable, Codable {
        package var type: String
    }

    package struct Device: Hashable, Sendable, Codable {
        package var allow: Bool
        package var access: String
    }

    package struct Memory: Hashable, Sendable, Codable {
        package var limit: Int64
        /// Memory and swap together; nil where the kernel does not count swap.
        package var swap: Int64?
    }

    package struct Processor: Hashable, Sendable, Codable {
        /// Microseconds of CPU time in each period.
        package var quota: Int64
        package var period: UInt64
    }

    package struct Processes: Hashable, Sendable, Codable {
        package var limit: Int64
    }

    package struct Resources: Hashable, Sendable, Codable {
        package var devices: [Device]
        package var memory: Memory?
        package var cpu: Processor?
        package var pids: Processes
    }

    package struct Linux: Hashable, Sendable, Codable {
        package var namespaces: [Namespace]
        package var resources: Resources
        package var cgroupsPath: String
        package var seccomp: SeccompProfile
        package var maskedPaths: [String]
        package var readonlyPaths: [String]
        package var sysctl: [String: String]?
    }

    package var ociVersion: String
    package var root: Root
    package var hostname: String
    package var process: Process
    package var mounts: [Mount]
    package var linux: Linux
}
