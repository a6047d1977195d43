import Logging
import RucheBuild
import RucheCore
import RucheService
import SystemPackage

/// What a server of this process needs to know.
struct ServingOptions: Sendable {
    struct Listener: Hashable, Sendable {
        var host: String
        var port: Int
    }

    struct TLSFiles: Hashable, Sendable {
        var certificate: FilePath
        var key: FilePath
    }

    var data: FilePath
    /// The private Unix socket.
    var socket: FilePath
    /// Over the network too, when given.
    var listener: Listener?
    /// The PEM files of a certificate and its key: the listener speaks TLS with them.
    var tls: TLSFiles?
    /// Sends who comes here without TLS to the listener.
    var redirect: Listener?
    /// Names besides `localhost` and addresses that the network listener answers to.
    var hostNames: [String]
    var mirror: String?
    var snapshotURL: String?
    var baseMaxAge: Int?
    var slots: Int?
    var engines: [EngineSettings]
    var defaultEngine: String?
    var allowsPrivateWebhooks = false
    /// What the site says of itself in records of its catalogue.
    var records: RecordConfiguration
    var proxies: [String: String]
    /// What others call this machine in addresses of what instances publish.
    var instanceHost: String { hostNames.first ?? "localhost" }
    /// What builds the Dockerfiles of pipeline packages.
    var dockerfiles: DockerfileBuilderConfiguration
    /// Who runs templates of Packer, and where their secrets are.
    var packer: (user: String?, secrets: FilePath?)
    /// Whether builds that a former server could not bring to their end go on here; otherwise they have failed.
    var resumes = true
    /// What it tells on standard error. A command's own server keeps quiet about what goes well.
    var logLevel = Logger.Level.warning

    init(settings: Settings, socket: FilePath? = nil) {
        data = settings.data
        self.socket = socket ?? settings.data.appending("run").appending("api.sock")
        mirror = settings.mirror
        snapshotURL = settings.snapshotURL
        baseMaxAge = settings.baseMaxAge
        slots = settings.slots
        engines = settings.engines
        defaultEngine = settings.defaultEngine
        allowsPrivateWebhooks = settings.allowsPrivateWebhooks
        records = settings.records
        hostNames = settings.hostNames
        proxies = settings.proxies
        dockerfiles = settings.dockerfiles
        packer = (settings.packerUser, settings.packerSecrets)
    }
}

/// What a server says once it answers.
struct ServingReport: Hashable, Sendable {
    /// The port it listens on, when a listener was asked for (port 0 picks one).
    var port: Int?
    /// The port of the redirecting listener.
    var redirectPort: Int?
    /// Where the token for the network is.
    var tokenFile: FilePath?
    /// Where the code is that makes the first administrator, when there is none yet.
    var setupCodeFile: FilePath?
    /// The code itself, for a terminal.
    var setupCode: String?
}

/// Runs a server in this process. The caller holds the lock of the data directory.
protocol Serving: Sendable {
    /// Serves until the task is cancelled, then ends orderly. `ready` is called once, when it answers.
    func serve(_ options: ServingOptions, ready: @escaping @Sendable (ServingReport) -> Void) async throws
}
