/// The keys that each kind of engine takes in the configuration, and the type of each value.
package enum EngineKeys {
    package enum ValueType: Sendable {
        /// An absolute path. Secrets are given as files, never as text.
        case path
        case text
        /// `host:port`.
        case authority
        /// A connection URI of this machine's libvirt.
        case connection
        case count
        /// Bytes, such as `64G`.
        case size
        case words
        case variables
    }

    /// Keys of every kind that runs jobs.
    static let common: [String: ValueType] = [
        "slots": .count, "cpus": .count, "memory": .size, "owner_slots": .count, "owner_cpus": .count,
        "owner_memory": .size,
    ]

    private static let client: [String: ValueType] = [
        "socket": .path, "address": .authority, "authority": .path, "certificate": .path, "key": .path,
    ]

    package static func table(_ kind: EngineSettings.Kind) -> [String: ValueType] {
        let own: [String: ValueType] =
            switch kind {
            case .ociRuntime: [:]
            case .docker, .podman:
                client.merging(["network": .text, "host_root": .path, "keep_images": .count]) { $1 }
            case .lxd:
                client.merging([
                    "server_certificate": .path, "project": .text, "profiles": .words, "pool": .text, "target": .text,
                    "keep_images": .count,
                ]) { $1 }
            case .external: ["command": .words, "environment": .variables, "timeout": .count]
            case .libvirt: ["uri": .connection]
            }
        return kind.runsJobs ? own.merging(common) { $1 } : own
    }

    static func required(_ kind: EngineSettings.Kind) -> [String] { kind == .external ? ["command"] : [] }
}
