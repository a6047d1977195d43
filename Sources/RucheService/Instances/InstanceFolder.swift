package import RucheCore
import RucheEngines
package import SystemPackage

/// Where the parts of one instance are: `<data>/instances/<id>`.
package struct InstanceFolder: Hashable, Sendable {
    package let root: FilePath

    package init(data: FilePath, id: Identifier) {
        root = Self.all(data).appending(id.description)
    }

    static func all(_ data: FilePath) -> FilePath { data.appending("instances") }

    package var console: FilePath { root.appending(InstanceSpec.consoleLog) }
    /// What a container writes, as records of its engine.
    package var records: FilePath {
        root.appending(InstanceSpec.containerFolder).appending(InstanceSpec.consoleLog)
    }
    /// What the console had before it became too long.
    package var olderConsole: FilePath { root.appending("console.log.1") }
    var key: FilePath { root.appending(SecureShell.keyFile) }
    var hostKey: FilePath { root.appending("host_ed25519") }
    var knownHosts: FilePath { root.appending(SecureShell.knownHostsFile) }
}
