import Logging
import RucheBuild
import RucheCore
package import RucheEngines
import RucheHost
import RucheImages
import RucheStore
import ServiceLifecycle
package import SystemPackage

/// The application over one data directory: every service, wired. The caller holds the directory's lock.
package struct Services: Service {
    package let events: DatabaseEventLog
    package let accounts: AccountService
    package let operations: OperationService
    package let files: FileService
    package let uploads: UploadService
    package let jobs: JobService
    package let instances: InstanceService
    package let catalogue: CatalogueService
    package let environments: EnvironmentService
    package let registry: RegistryService
    package let boxes: BoxService
    package let streams: StreamService
    package let downloads: DownloadService
    package var transfers: TransferService { TransferService(registry: registry, environments: environments) }
    package let records: RecordService
    package let dois: DOIService
    package let builds: BuildService
    package let pipelines: PipelineService
    package let maintenance: MaintenanceService
    package let engines: [any Engine]
    package let metrics: SiteMetrics
    package let webhooks: WebhookService
    /// Folder of the socket that jobs post to; mounted into their containers.
    package let notifyFolder: FilePath
    private let builder: Builder
    private let logger: Logger

    /// Opens the stores and the database. Throws `not_permitted`, `disk_full` or what the database says
    /// when the directory can't be used.
    package init(_ configuration: ServicesConfiguration) throws {
        let (data, runner, counts) = (configuration.data, SystemCommandRunner(), EventCounts())
        logger = configuration.logger
        let (stores, database) = try Self.open(data)
        events = DatabaseEventLog(database: database, observer: counts.observe)
        accounts = AccountService(database: database, events: events)
        operations = OperationService(database: database, events: events, data: data, logger: logger)
        (files, uploads) = try Self.files(data, database, events, stores.content)
        let engineRegistry = try Self.registry(configuration, runner)
        engines = engineRegistry.engines
        webhooks = WebhookService(
            WebhookServiceConfiguration(
                data: data, database: database, events: events,
                poster: GuardedPoster(allowsPrivate: configuration.allowsPrivateWebhooks), logger: logger))
        metrics = SiteMetrics(data: data, database: database, counts: counts, engines: engines)
        notifyFolder = data.appending("run").appending("jobs")
        let service = JobService(
            configuration: Self.jobs(configuration, stores, database, events, engineRegistry, notifyFolder))
        self.jobs = service
        instances = Self.instances(configuration, stores, database, events, engineRegistry, runner)
        builder = Self.builder(configuration, stores, runner)
        catalogue = CatalogueService(
            content: stores.content, releases: stores.releases, database: database,
            tools: .formats(
                content: stores.content, layers: stores.layers, releases: stores.releases,
                architecture: configuration.builder.architecture, runner: runner),
            operations: operations, events: events, temporaryFolder: data.appending("uploads"),
            inUse: { await service.releasesInUse() })
        (environments, registry, boxes) = try Self.doors(data, stores, database, catalogue, events)
        (streams, downloads) = Self.readers(catalogue, database, environments)
        (records, dois) = Self.records(configuration, environments, database, events)
        builds = BuildService(
            builder: builder,
            inputs: BuildInputs(
                unpack: { try ContextUnpacker().unpack($0, to: $1) },
                load: { try RecipeFolder.load($0).document.recipe }),
            catalogue: catalogue, operations: operations, data: data)
        pipelines = Self.pipelines(configuration, stores.content, stores.layers, catalogue, operations, runner)
        maintenance = Self.maintenance(stores, files, registry, catalogue.index, operations, service, instances)
    }

    /// Takes up what an earlier process left. To be called once, before anything is asked of the services.
    ///
    /// With `resuming`, builds that it could not bring to their end go on; otherwise they have failed.
    package func recover(resuming: Bool = true) async throws {
        try await pipelines.endLeftovers()
        try await catalogue.removeLeftovers()
        try await builder.reconcile()
        _ = try await catalogue.index.reconcile()
        try await catalogue.index.identifyAll()
        try await environments.endReleasedDrafts()
        let (builds, pipelines) = (builds, pipelines)
        try await operations.recover(
            resuming
                ? [BuildService.kind: { try await builds.resume($0) }, PipelineService.kind: pipelines.install] : [:])
        try await uploads.recover()
        try await jobs.recover()
        try await instances.recover()
        let jobs = jobs
        await uploads.observe { await jobs.uploadEnded($0) }
        await jobs.refreshAllUploads()
    }

    /// Works until shutdown.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await operations.run() }
            group.addTask { try await jobs.run() }
            group.addTask { try await instances.run() }
            group.addTask { await cancelWhenGracefulShutdown { try? await uploads.run() } }
            group.addTask { try await webhooks.run() }
            group.addTask { await cancelWhenGracefulShutdown { try? await dois.run() } }
            // Either ends only at shutdown or by a failure, which then ends the process.
            try await group.waitForAll()
        }
    }
}

extension Services {
    struct Stores {
        var content: FileContentStore
        var releases: FileReleaseStore
        var layers: FileLayerCache
    }

    private static func open(_ data: FilePath) throws -> (Stores, SQLiteDatabase) {
        do {
            for name in ["content", "cache", "jobs", "instances", "operations", "run"] {
                try FileTree.makeFolder(data.appending(name), permissions: name == "run" ? 0o711 : 0o755)
            }
            let content = try FileContentStore(folder: data.appending("content"))
            var releases = try FileReleaseStore(folder: data.appending("content").appending("refs"), store: content)
            let layers = try FileLayerCache(folder: data.appending("cache").appending("layers"), store: content)
            let database = try SQLiteDatabase(path: data.appending("ruche.db"))
            // Builds, imports, pushes, boxes, pipelines: all that becomes a release.
            releases.willPublish = { try await QuotaGuard(database).require($1, for: $0.name.ownerName) }
            return (Stores(content: content, releases: releases, layers: layers), database)
        } catch let error as Errno {
            throw RucheError.storage(error, "use the data directory", data)
        }
    }

    private static func readers(
        _ catalogue: CatalogueService, _ database: SQLiteDatabase, _ environments: EnvironmentService
    ) -> (StreamService, DownloadService) {
        (
            StreamService(catalogue: catalogue, database: database),
            DownloadService(catalogue: catalogue, database: database, count: environments.count)
        )
    }

    private static func doors(
        _ data: FilePath, _ stores: Stores, _ database: SQLiteDatabase, _ catalogue: CatalogueService,
        _ events: DatabaseEventLog
    ) throws -> (EnvironmentService, RegistryService, BoxService) {
        let content = stores.content
        let environments = EnvironmentService(
            store: stores.releases, database: database, catalogue: catalogue, events: events
        ) { try content.lease() }
        let registry = RegistryService(
            catalogue: catalogue, database: database, events: events,
            uploads: try BlobUploads(folder: data.appending("content").appending("uploads"))
        ) { try content.lease() }
        return (environments, registry, BoxService(environments: environments, uploads: registry.uploads))
    }

    private static func records(
        _ configuration: ServicesConfiguration, _ environments: EnvironmentService, _ database: SQLiteDatabase,
        _ events: DatabaseEventLog
    ) -> (RecordService, DOIService) {
        let records = RecordService(
            environments: environments, database: database, configuration: configuration.records)
        return (
            records,
            DOIService(
                records: records, events: events, configuration: configuration.records.doi,
                logger: configuration.logger, describe: configuration.describeForDOI)
        )
    }

    /// What a console log may take on disk.
    private static let consoleLimit = ByteCount(256 << 20)
    /// What may be written to one while no server is there to take the middle out, and in all.
    private static let consoleMost = ByteCount(16 << 30)

    private static func registry(
        _ configuration: ServicesConfiguration, _ runner: any CommandRunning
    ) throws -> EngineRegistry {
        try EngineRegistry(
            configuration.engines, default: configuration.defaultEngine,
            context: EngineContext(data: configuration.data, runner: runner, consoleLogLimit: consoleMost))
    }

    private static func files(
        _ data: FilePath, _ database: SQLiteDatabase, _ events: DatabaseEventLog, _ content: FileContentStore
    ) throws -> (FileService, UploadService) {
        let files = FileService(content: content, database: database, events: events, data: data) {
            try content.lease()
        }
        let uploads = try UploadService(
            UploadServiceConfiguration(
                folder: data.appending("incoming"), database: database, events: events, files: files, content: content
            ) { try content.lease() })
        return (files, uploads)
    }

    private static func jobs(
        _ configuration: ServicesConfiguration, _ stores: Stores, _ database: SQLiteDatabase,
        _ events: DatabaseEventLog, _ registry: EngineRegistry, _ notifyFolder: FilePath
    ) -> JobServiceConfiguration {
        var jobs = JobServiceConfiguration(
            data: configuration.data, database: database, events: events, releases: stores.releases,
            content: stores.content, layers: stores.layers, engines: registry.byName, logger: configuration.logger)
        jobs.slots = configuration.slots
        jobs.capacities = configuration.capacities
        jobs.defaultEngine = registry.defaultName
        jobs.version = configuration.version
        jobs.notifyFolder = notifyFolder
        jobs.consoleLimit = consoleLimit
        return jobs
    }

    private static func builder(
        _ configuration: ServicesConfiguration, _ stores: Stores, _ runner: any CommandRunning
    ) -> Builder {
        let run = configuration.data.appending("run")
        let content = stores.content
        return Builder(
            configuration: configuration.builder, store: content, layers: stores.layers, releases: stores.releases,
            importer: ImageImporter(store: content, cache: stores.layers),
            sandbox: RuncSandbox(
                runner: runner, stateFolder: run.appending("runc"), bundles: run.appending("bundles")),
            runner: runner, lease: { try content.lease() })
    }

    private static func maintenance(
        _ stores: Stores, _ files: FileService, _ registry: RegistryService, _ index: CatalogueIndex,
        _ operations: OperationService,
        _ jobs: JobService, _ instances: InstanceService
    ) -> MaintenanceService {
        MaintenanceService(
            index: index, operations: operations,
            collect: { dryRun in
                if !dryRun { try await registry.forgetAbandoned() }
                let result = try await GarbageCollector(
                    store: stores.content, releases: stores.releases, cache: stores.layers
                ).collect(dryRun: dryRun) { digest in
                    if try await files.file(digest) != nil { return true }
                    if try await registry.isPushed(digest) { return true }
                    if try await instances.needs(digest) { return true }
                    return await jobs.needs(digest)
                }
                return CollectionReport(
                    dryRun: dryRun, blobs: result.blobs.count, cacheEntries: result.layers.count,
                    bytes: result.bytes.bytes, digests: result.blobs.map(\.digest))
            },
            verify: {
                let report = try await Verifier(store: stores.content, releases: stores.releases).verify()
                return VerificationReport(
                    blobs: report.blobs, bytes: report.bytes.bytes, corrupt: report.corrupt, missing: report.missing,
                    releases: report.releases, problems: report.problems)
            }, scrub: { try await ScrubRun(store: stores.content, releases: stores.releases).run($0, $1) },
            restoreJobs: { try await jobs.restoreRecords() })
    }
}
