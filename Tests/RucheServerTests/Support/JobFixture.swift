import Foundation
import Logging
import RucheBuild
import RucheCore
import RucheEngines
import RucheHost
import RucheImages
import RucheServer
import RucheService
import RucheStore
import Support
import SystemPackage

/// The routes of jobs, events, operations and files over a real database and an engine that runs nothing.
struct JobFixture: Sendable {
    let folder: FilePath
    let data: FilePath
    let database: SQLiteDatabase
    let jobs: JobService
    let instances: InstanceService
    let files: FileService
    let uploads: UploadService
    let databases: ReferenceDatabaseService
    let content: FileContentStore
    let accounts: AccountService
    let events: DatabaseEventLog
    let routes: [Route]

    var accountRoutes: [Route] {
        SetupRoutes(accounts).routes + SessionRoutes(accounts).routes + UserRoutes(accounts).routes
            + OwnerRoutes(accounts).routes
            + TokenRoutes(accounts).routes
    }

    var harness: RouterHarness { RouterHarness(routes) }

    init(_ folder: FilePath, clock: SetClock = SetClock()) async throws {
        self.folder = folder
        data = folder.appending("data")
        database = try SQLiteDatabase(path: data.appending("ruche.db"))
        let events = DatabaseEventLog(database: database)
        self.events = events
        let content = try FileContentStore(folder: data.appending("content"))
        self.content = content
        let releases = try FileReleaseStore(folder: data.appending("content/refs"), store: content)
        try await Self.publish(content, releases)
        let engine = IdleEngine()
        var configuration = JobServiceConfiguration(
            data: data, database: database, events: events, releases: releases, content: content,
            layers: try FileLayerCache(folder: data.appending("cache/layers"), store: content),
            engines: [engine.name: engine], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        configuration.defaultEngine = engine.name
        jobs = JobService(configuration: configuration)
        instances = Self.instances(configuration) { try content.lease() }
        files = FileService(content: content, database: database, events: events, limit: 100) { try content.lease() }
        var incoming = UploadServiceConfiguration(
            folder: data.appending("incoming"), database: database, events: events, files: files, content: content
        ) { try content.lease() }
        incoming.now = { clock.milliseconds }
        incoming.patience = .seconds(3600)
        uploads = try UploadService(incoming)
        databases = ReferenceDatabaseService(
            data: data, database: database, events: events,
            operations: OperationService(database: database, events: events, data: data, logger: configuration.logger))
        var policy = AccountPolicy()
        policy.scryptRounds = 16
        accounts = AccountService(database: database, events: events, policy: policy) { clock.milliseconds }
        routes =
            JobRoutes(jobs).routes + InstanceRoutes(instances).routes + EventRoutes(events, accounts).routes
            + OperationRoutes(
                OperationService(database: database, events: events, data: data, logger: configuration.logger)
            ).routes
            + FileRoutes(files).routes + UploadRoutes(uploads).routes
            + DatabaseRoutes(databases).routes
    }

    /// Instances of no engine.
    private static func instances(
        _ jobs: JobServiceConfiguration, lease: @escaping @Sendable () throws -> ContentLease
    ) -> InstanceService {
        InstanceService(
            configuration: InstanceServiceConfiguration(
                data: jobs.data, database: jobs.database, events: jobs.events, releases: jobs.releases,
                content: jobs.content, layers: jobs.layers, engines: [], runner: SystemCommandRunner(),
                logger: jobs.logger, lease: lease))
    }

    /// A pipeline of the release `lab/test:1.0`, with a form of one number.
    private static func publish(_ content: FileContentStore, _ releases: FileReleaseStore) async throws {
        guard let name = EnvironmentName("lab/test"), let version = ReleaseVersion("1.0") else { return }
        let assembler = ReleaseAssembler(store: content)
        let image = try await assembler.image(
            layers: [], config: ImageConfig(architecture: "amd64", rootfs: .init(diffIDs: [])))
        var recipe = Recipe(name: name, version: version, from: .debian(suite: "bookworm"))
        recipe.pipeline = PipelineContract(job: "/bin/job")
        let annotations = [
            ReleaseAnnotation.recipe: String(decoding: try JSONEncoder().encode(recipe), as: UTF8.self),
            ReleaseAnnotation.form: #"{"properties":{"n":{"type":"integer","minimum":1,"maximum":5}}}"#,
        ]
        let (descriptor, index) = try await assembler.index(
            name: name, version: version, manifests: [image], annotations: annotations)
        try await releases.publish(
            Release(
                name: name, version: version, digest: descriptor.digest, index: index, referrers: [], publishedAt: 0))
    }
}

/// Takes every job and never has one end: what is tested here is before and after that.
private struct IdleEngine: Engine {
    let name = "idle"
    let capabilities: EngineCapabilities = []
    func check() async -> [EngineFinding] { [] }
    func create(_ spec: ContainerSpec) async throws { throw RucheError(.engineUnavailable, "nothing runs here") }
    func start(_ id: String) async throws {}
    func state(_ id: String) async throws -> ContainerState { .absent }
    func wait(_ id: String) async throws -> ContainerExit { ContainerExit(code: 0) }
    func pause(_ id: String) async throws {}
    func resume(_ id: String) async throws {}
    func signal(_ id: String, _ signal: Int32) async throws {}
    func stats(_ id: String) async throws -> ContainerStats { ContainerStats() }
    func delete(_ id: String) async throws {}
    func list() async throws -> [String] { [] }
}
