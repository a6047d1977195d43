/// One engine of the configuration's list `engines`, checked.
package struct EngineSettings: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case ociRuntime = "oci-runtime"
        case docker, podman, lxd, external, libvirt

        /// Whether jobs run on it; the others start instances only.
        package var runsJobs: Bool { self != .libvirt }
    }

    package var name: String
    package var kind: Kind
    /// The kind's own settings, by their keys; types are those of `EngineKeys`.
    package var values: [String: JSONValue]

    package init(name: String, kind: Kind, values: [String: JSONValue] = [:]) {
        self.name = name
        self.kind = kind
        self.values = values
    }

    /// What jobs may take of it; `slots` when it does not say.
    package func capacity(slots: Int) -> EngineCapacity {
        func limits(_ prefix: String, slots: Int?) -> QueueLimits {
            QueueLimits(
                slots: integer(prefix + "slots") ?? slots, cpus: integer(prefix + "cpus").map { Double($0) },
                memory: integer(prefix + "memory").map { Int64($0) })
        }
        return EngineCapacity(total: limits("", slots: slots), perOwner: limits("owner_", slots: nil))
    }

    package func text(_ key: String) -> String? { values[key]?.stringValue }
    package func integer(_ key: String) -> Int? {
        if case .integer(let value)? = values[key] { Int(value) } else { nil }
    }
    package func list(_ key: String) -> [String]? { values[key]?.arrayValue?.compactMap(\.stringValue) }
    package func map(_ key: String) -> [String: String]? {
        values[key]?.objectValue?.compactMapValues(\.stringValue)
    }
}
