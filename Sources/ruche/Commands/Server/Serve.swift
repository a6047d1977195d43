import ArgumentParser
import Logging
import RucheCore
import RucheHost
import SystemPackage

struct Serve: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the data directory until TERM or Ctrl-C.",
        discussion: """
            Without a server, each command serves the data directory itself while it runs. A server that stays \
            starts queued jobs, and other machines can reach it. Running jobs outlive it.

            What listens on the network asks for the token in the data directory. With a certificate and its key \
            it speaks TLS (1.2 or later); new files are taken when they change, or on the signal HUP. Without \
            them it speaks plain HTTP: on anything but the loopback it refuses to start, because a token and data \
            sent in the clear can be read on the way. Put a TLS proxy before the loopback, or, on a network you \
            trust, give --insecure.

            Examples:
              ruche serve
              ruche serve --listen 0.0.0.0:443 --tls-certificate site.pem --tls-key site.key \
                --host-name ruche.example.org --redirect-http 0.0.0.0:80
              ruche serve --listen 127.0.0.1:8000
              ruche serve --listen 127.0.0.1:8000 --host-name ruche.example.org
              RUCHE_URL=http://127.0.0.1:8000 RUCHE_TOKEN_FILE=token ruche job list
            """)

    @Option(help: ArgumentHelp("Listen here too; port 0 picks one.", valueName: "host:port"))
    var listen: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Answer to these names as well, for a proxy that sends them on; addresses and localhost always work.",
            valueName: "name"))
    var hostName: [String] = []

    @Option(
        help: ArgumentHelp("The private socket; DATA/run/api.sock when not given.", valueName: "path"),
        completion: .file())
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "Speak TLS with this certificate, PEM, and those above it (RUCHE_TLS_CERTIFICATE).", valueName: "file"),
        completion: .file())
    var tlsCertificate: String?

    @Option(
        help: ArgumentHelp("The certificate's key, PEM, for nobody else to read (RUCHE_TLS_KEY).", valueName: "file"),
        completion: .file())
    var tlsKey: String?

    @Option(help: ArgumentHelp("Send who comes here without TLS to --listen.", valueName: "host:port"))
    var redirectHTTP: String?

    @Flag(help: "Listen on a network in the clear.")
    var insecure = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws { try await run(context, LocalServer()) }

    func run(_ context: CommandContext, _ serving: any Serving) async throws {
        guard context.settings.values[.server].map({ $0.origin == .flag("--server") }) != true else {
            throw RucheError(.invalidInput, "serve is a server itself; leave out --server")
        }
        var options = ServingOptions(
            settings: context.settings, socket: socket.map { context.environment.absolute($0) })
        options.logLevel = .info
        options.tls = try ServeTLS.files(certificate: tlsCertificate, key: tlsKey, context)
        options.listener = try listen.map { try ListenAddress.parse($0, insecure: insecure || options.tls != nil) }
        options.redirect = try redirectHTTP.map { try ListenAddress.parse($0, insecure: true) }
        guard options.redirect == nil || options.tls != nil && options.listener != nil else {
            throw RucheError(
                .invalidInput, "--redirect-http needs --listen, --tls-certificate and --tls-key to send to")
        }
        if !hostName.isEmpty {
            options.hostNames = try hostName.flatMap { try HostNames.parse($0, from: "--host-name") }
        }
        try LocalConnection.prepare(options)
        let lock = try await acquire(options.data, context.output)
        let output = context.output
        let served = options
        do {
            try await serving.serve(options) { Self.report($0, served, output) }
        } catch is CancellationError {
            // A signal is how this ends.
        }
        withExtendedLifetime(lock) {}
        output.note("stopped; running jobs go on")
    }

    private func acquire(_ data: FilePath, _ output: Output) async throws -> FileLock {
        let path = ServerLock.path(data)
        if let lock = try FileLock.tryAcquire(path) { return lock }
        // Not there, or not a number: the process just ended.
        let pid = (try? AtomicFile.read(path, limit: 64)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        output.note("waiting for process \(pid.filter(\.isNumber)), which serves \(data)")
        return try await ServerLock.acquire(data).lock
    }

    private static func report(_ report: ServingReport, _ options: ServingOptions, _ output: Output) {
        let address = options.listener.map {
            "\(options.tls == nil ? "http" : "https")://\(ListenAddress.text($0, port: report.port))"
        }
        let redirect = options.redirect.map { "http://\(ListenAddress.text($0, port: report.redirectPort))" }
        output.fields(
            [
                ("socket", options.socket.string),
                ("address", address), ("redirect", redirect),
                ("token file", report.tokenFile?.string), ("set-up code", report.setupCodeFile?.string),
            ], under: "serving \(options.data)")
        Self.askForAdministrator(report, output)
        if options.tls == nil, options.listener.map({ !ListenAddress.isLoopback($0.host) }) == true {
            output.warn("warning: tokens and data go over the network in the clear", .yellow)
        }
        output.quiet(options.socket.string)
        // A problem here is a closed standard output, which ends the command anyway.
        try? output.jsonLine([
            "socket": options.socket.string, "address": address, "redirect": redirect,
            "tokenFile": report.tokenFile?.string, "setupCodeFile": report.setupCodeFile?.string,
        ])
    }

    /// The code itself is shown to a person only, never to what may keep it as a log.
    private static func askForAdministrator(_ report: ServingReport, _ output: Output) {
        guard let code = report.setupCode else { return }
        output.note(
            "nobody administers this site yet: \"ruche setup NAME\" makes the first administrator, with the code")
        if output.progress != .plain { output.note("the code: \(code)") }
    }
}
