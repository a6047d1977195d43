import Logging
import RucheBuild
import RucheCore
import RucheHost
import RucheServer
import RucheService
import ServiceLifecycle
import SystemPackage

/// The server over a data directory, in this process.
struct LocalServer: Serving {
    func serve(_ options: ServingOptions, ready: @escaping @Sendable (ServingReport) -> Void) async throws {
        var logger = Logger(label: "ruche")
        logger.logLevel = options.logLevel
        let services = try Services(configuration(options, logger))
        // Before anybody is answered, so that no answer is from before a crash.
        try await services.recover(resuming: options.resumes)
        let configuration = try listeners(options, services)
        let codeFile = options.data.appending("setup-code")
        let code = configuration.network == nil ? nil : try await services.accounts.openSetup(codeFile)
        OpenFileLimit.raise()
        let server = APIServer(
            routes: try routes(services, configuration, options), configuration: configuration, logger: logger
        ) { addresses in
            ready(
                ServingReport(
                    port: addresses.network?.port, redirectPort: addresses.redirect?.port,
                    tokenFile: addresses.network == nil ? nil : Self.tokenFile(options),
                    setupCodeFile: code.map { _ in codeFile }, setupCode: code))
            ProgramPages.releaseCode()
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: services, successTerminationBehavior: .gracefullyShutdownGroup),
                    .init(service: server, successTerminationBehavior: .gracefullyShutdownGroup),
                ]
                    + (configuration.certificate.map { [.init(service: CertificateWatch($0, logger))] } ?? []),
                logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }))
        // A task of its own: cancelling a service group cuts its services off, and work that must come to an end
        // (a job being prepared or finalized) needs the orderly way.
        let running = Task { try await group.run() }
        try await withTaskCancellationHandler {
            try await running.value
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
    }

    private func configuration(_ options: ServingOptions, _ logger: Logger) -> ServicesConfiguration {
        var configuration = ServicesConfiguration(data: options.data, logger: logger)
        configuration.builder.mirror = options.mirror
        configuration.builder.snapshotURL = options.snapshotURL
        configuration.builder.baseMaxAge = options.baseMaxAge ?? configuration.builder.baseMaxAge
        configuration.builder.proxies = options.proxies
        configuration.builder.packerUser = options.packer.user
        configuration.builder.packerSecrets = options.packer.secrets
        configuration.builder.runsPackerAsNobody = options.listener == nil
        configuration.dockerfiles = options.dockerfiles
        configuration.slots = options.slots ?? configuration.slots
        configuration.engines = options.engines
        configuration.defaultEngine = options.defaultEngine
        configuration.version = Ruche.version
        configuration.instanceHost = options.instanceHost
        configuration.allowsPrivateWebhooks = options.allowsPrivateWebhooks
        configuration.records = options.records
        configuration.describeForDOI = { [records = options.records] in DOIRoutes.attributes($0, records) }
        return configuration
    }

    private func listeners(_ options: ServingOptions, _ services: Services) throws -> APIServerConfiguration {
        var configuration = APIServerConfiguration()
        configuration.privateSocket = options.socket
        configuration.jobSocket = services.notifyFolder.appending("notify.sock")
        configuration.accounts = services.accounts
        configuration.owned = [
            .jobs(services.jobs), .operations(services.operations), .instances(services.instances),
        ]
        configuration.visibility = services.catalogue.visibility
        guard let listener = options.listener else { return configuration }
        configuration.network = .init(host: listener.host, port: listener.port)
        configuration.hostNames = options.hostNames
        configuration.certificate = try options.tls.map {
            try ServerCertificate(certificate: $0.certificate, key: $0.key)
        }
        configuration.redirect = options.redirect.map { .init(host: $0.host, port: $0.port) }
        configuration.token = try AccessToken.load(Self.tokenFile(options))
        return configuration
    }

    private static func serverRoutes(_ services: Services) -> [Route] {
        ServerRoutes(version: Ruche.version, engines: services.engines, starters: services.instances.engines).routes
    }

    private func routes(
        _ services: Services, _ configuration: APIServerConfiguration, _ options: ServingOptions
    ) throws -> [Route] {
        let listeners = ListenerCount()
        let metrics = MetricsRoutes(
            services.metrics, requests: configuration.metrics, listeners: listeners,
            token: configuration.network == nil ? nil : try AccessToken.load(options.data.appending("metrics-token")),
            version: Ruche.version)
        let routes = [
            Self.serverRoutes(services),
            Self.accountRoutes(services),
            SearchRoutes(services.environments.search).routes,
            SpaceRoutes(services.environments.space).routes,
            ReleaseRoutes(services.catalogue).routes,
            ReleaseTransferRoutes(services.catalogue).routes,
            BuildRoutes(services.builds, services.catalogue).routes,
            PipelineRoutes(services.pipelines, services.files).routes,
            MaintenanceRoutes(services.maintenance).routes,
            JobRoutes(services.jobs).routes,
            InstanceRoutes(services.instances, hostName: options.instanceHost).routes,
            EventRoutes(services.events, services.accounts, listeners: listeners).routes,
            OperationRoutes(services.operations).routes,
            FileRoutes(services.files).routes,
            metrics.routes,
            UploadRoutes(services.uploads).routes,
            DatabaseRoutes(services.databases).routes,
            WebhookRoutes(services.webhooks).routes,
            EnvironmentRoutes(services.environments).routes,
            VagrantRoutes(services.boxes, accounts: services.accounts, records: RecordRoutes(services.records)).routes,
            RecordRoutes(services.records).routes,
            AssetRoutes().routes,
            OAIRoutes(services.records).routes,
            DOIRoutes(services.dois).routes,
            StreamRoutes(services.streams).routes,
            DownloadRoutes(services.downloads).routes,
            TransferRoutes(services.transfers).routes,
            RegistryRoutes(services.registry, grants: configuration.grants).routes,
        ].flatMap(\.self)
        return routes + [OpenAPIDocument.route(describing: routes, version: Ruche.version)]
    }

    private static func accountRoutes(_ services: Services) -> [Route] {
        SetupRoutes(services.accounts).routes + SessionRoutes(services.accounts).routes
            + UserRoutes(services.accounts).routes
            + OwnerRoutes(services.accounts).routes + TokenRoutes(services.accounts).routes
    }

    private static func tokenFile(_ options: ServingOptions) -> FilePath { options.data.appending("token") }
}
