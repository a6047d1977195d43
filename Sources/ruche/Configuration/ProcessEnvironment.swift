import Foundation
import Glibc
import SystemPackage

/// What this program takes from its surroundings, read once: nothing else in Ruche reads the environment.
struct ProcessEnvironment: Sendable {
    private let values: [String: String]
    let isRoot: Bool
    let workingDirectory: FilePath
    /// Every variable, for a program that runs with the person's own.
    private(set) var all: [String: String] = [:]

    init(values: [String: String], isRoot: Bool, workingDirectory: FilePath) {
        self.values = values
        self.isRoot = isRoot
        self.workingDirectory = workingDirectory
    }

    /// Empty variables count as unset.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// A path as a person wrote it, made absolute.
    func absolute(_ path: String) -> FilePath {
        let path = FilePath(path)
        return (path.isAbsolute ? path : workingDirectory.pushing(path)).lexicallyNormalized()
    }

    var temporaryFolder: FilePath { absolute(self["TMPDIR"] ?? "/tmp") }

    private static let proxyNames = ["http_proxy", "https_proxy", "no_proxy"]

    /// Proxies for build steps with network.
    var proxies: [String: String] {
        Dictionary(uniqueKeysWithValues: Self.proxyNames.compactMap { name in self[name].map { (name, $0) } })
    }

    private static let engineNames = [
        "HOME", "DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONFIG", "DOCKER_CONTEXT",
        "CONTAINER_HOST", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "LXD_DIR", "LXD_CONF", "XDG_RUNTIME_DIR",
    ]

    /// What the command lines of container engines read.
    var engineVariables: [String: String] {
        Dictionary(uniqueKeysWithValues: Self.engineNames.compactMap { name in self[name].map { (name, $0) } })
    }

    static func current() -> ProcessEnvironment {
        let names =
            [
                "HOME", "NO_COLOR", "TERM", "TMPDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "RUCHE_TOKEN",
                OtherSite.variable, "VAGRANT_CLOUD_TOKEN", "RUCHE_LOG",
            ]
            + SettingKey.allCases.map(\.environmentName) + proxyNames + engineNames
        var values: [String: String] = [:]
        for name in names { values[name] = getenv(name).map { String(cString: $0) } }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let folder = buffer.withUnsafeMutableBufferPointer { pointer in
            getcwd(pointer.baseAddress, pointer.count).map { FilePath(String(cString: $0)) }
        }
        var environment = ProcessEnvironment(
            values: values, isRoot: geteuid() == 0, workingDirectory: folder ?? "/")
        environment.all = ProcessInfo.processInfo.environment
        return environment
    }
}
