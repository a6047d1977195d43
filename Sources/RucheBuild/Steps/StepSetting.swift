import RucheCore
import RucheHost
import SystemPackage

/// What every step of one build shares.
struct StepSetting: Sendable {
    let configuration: BuilderConfiguration
    let runner: any CommandRunning
    let sandbox: any Sandboxing
    let layers: LayerWriter
    let workspace: Workspace
    /// Seconds since 1970 that no time in a layer exceeds.
    let clampTime: Int64
    /// When the base was resolved: package lists may not be older.
    let resolvedAt: Int64
    /// Environment of the base's image.
    let environment: [String: String]
    let lock: BuildLock?
    let now: @Sendable () -> Int64

    /// Environment of a build step: the base's, and what makes programs repeatable.
    var stepEnvironment: [String: String] {
        let fixed = [
            "PATH": Tool.searchPath, "HOME": "/root", "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "DEBIAN_FRONTEND": "noninteractive", "SOURCE_DATE_EPOCH": String(clampTime), "PYTHONHASHSEED": "0",
        ]
        return fixed.merging(environment) { $1 }
    }
}

/// One step at work: its mounted root and where its output goes.
struct RunningStep: Sendable {
    let setting: StepSetting
    let index: Int
    /// The mounted root of the step.
    let root: FilePath
    /// A folder for the step's own files, outside the root.
    let scratch: FilePath
    let source: SourceFolder
    let onLine: @Sendable (OutputLine) -> Void

    /// Runs `arguments` as root in the step's root and returns how they ended.
    func run(_ container: StepContainer, keeping keeper: LineKeeper? = nil) async throws -> ExitStatus {
        var spec = SandboxSpec(root: root, arguments: container.arguments)
        spec.environment = setting.stepEnvironment.merging(container.environment) { $1 }
        spec.privileges = .build
        spec.hostname = "localhost"
        spec.network = container.network
        spec.mounts = container.mounts
        if container.network {
            spec.mounts += networkMounts
            spec.environment.merge(networkEnvironment) { $1 }
        }
        let id = "ruche-build-\(setting.workspace.id)-\(index)-\(UInt16.random(in: .min ... .max))"
        let status = try await setting.sandbox.run(id: id, spec, onLine: keeper?.take ?? onLine)
        try Task.checkCancellation()
        return status
    }

    private var networkMounts: [SandboxSpec.Mount] {
        let configuration = setting.configuration
        let pairs = [
            (configuration.resolver, "/etc/resolv.conf"), (configuration.certificates, StepContainer.certificates),
        ]
        return pairs.filter { FileTree.exists($0.0) }.map {
            SandboxSpec.Mount(source: $0.0, destination: $0.1, readOnly: true)
        }
    }

    private var networkEnvironment: [String: String] {
        var result = setting.configuration.proxies
        guard FileTree.exists(setting.configuration.certificates) else { return result }
        for name in ["PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
            result[name] = StepContainer.certificates
        }
        return result
    }
}

/// One program of a step.
struct StepContainer {
    /// Where the machine's certificates are in a step with network.
    static let certificates = "/run/ruche/ca.crt"

    var arguments: [String]
    var environment: [String: String] = [:]
    var network = false
    var mounts: [SandboxSpec.Mount] = []
}
