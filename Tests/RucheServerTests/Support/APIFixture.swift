import Foundation
import RucheBuild
import RucheCore
import RucheHost
import RucheImages
import RucheServer
import RucheService
import RucheStore
import SystemPackage
import Testing

/// The routes of the catalogue, builds and maintenance over a real content store in a folder of its own.
final class APIFixture: Sendable {
    let folder: FilePath
    let content: FileContentStore
    let releases: FileReleaseStore
    let routes: [Route]
    let operations = InlineOperations()

    init() throws {
        folder = try TemporaryDirectory.make(in: "/tmp", prefix: "api")
        content = try FileContentStore(folder: folder.appending("content"))
        releases = try FileReleaseStore(folder: folder.appending("content").appending("refs"), store: content)
        let tools = ImageTools(
            export: { release, _, _, path in try AtomicFile.write(Array("\(release.name)".utf8), to: path) },
            load: { _, _, _, _, _ in throw RucheError(.invalidArchive, "this is no archive") },
            check: { _, _, _, _, _ in ReleaseTargetCheck.Result() },
            compare: { _, _ in ReleaseDiff(packages: [], files: [], sizeBefore: 1, sizeAfter: 2) },
            archive: { folder, path in try AtomicFile.write(Array("tar".utf8), to: path) })
        let catalogue = CatalogueService(
            content: content, releases: releases, database: EmptyDatabase(), tools: tools, operations: operations,
            events: NoEvents(), temporaryFolder: folder.appending("uploads"))
        let builds = BuildService(
            builder: NoBuilder(),
            inputs: BuildInputs(
                unpack: { try ContextUnpacker().unpack($0, to: $1) },
                load: { path in
                    guard FileTree.exists(path) else { throw RucheError(.notFound, "there is no recipe") }
                    throw RucheError(
                        .invalidRecipe, "the recipe has 1 problem",
                        problems: [Problem(file: "ruche.yaml", line: 3, column: 1, path: "steps", message: "bad")])
                }), catalogue: catalogue, operations: operations, data: folder)
        let maintenance = MaintenanceService(
            index: catalogue.index, operations: operations,
            collect: { CollectionReport(dryRun: $0, blobs: 0, cacheEntries: 0, bytes: 0, digests: []) },
            verify: { VerificationReport(blobs: 0, bytes: 0, corrupt: [], missing: [], releases: [], problems: []) },
            scrub: { _, _ in ScrubReport(isResumed: false, blobs: 0, bytes: 0, damaged: [], releases: []) },
            restoreJobs: { JobRestoration() })
        let transfers = try Self.transfers(content, releases, catalogue, folder)
        routes =
            ServerRoutes(version: "1.0", engines: []).routes + ReleaseRoutes(catalogue).routes
            + ReleaseTransferRoutes(catalogue).routes + BuildRoutes(builds, catalogue).routes
            + MaintenanceRoutes(maintenance).routes + SearchRoutes(SearchService(database: EmptyDatabase())).routes
            + SpaceRoutes(SpaceService(EmptyDatabase())).routes
            + TransferRoutes(transfers).routes
    }

    private static func transfers(
        _ content: FileContentStore, _ releases: FileReleaseStore, _ catalogue: CatalogueService, _ folder: FilePath
    ) throws -> TransferService {
        let registry = RegistryService(
            catalogue: catalogue, database: EmptyDatabase(), events: NoEvents(),
            uploads: try BlobUploads(folder: folder.appending("content").appending("uploads"))
        ) { try content.lease() }
        let environments = EnvironmentService(
            store: releases, database: EmptyDatabase(), catalogue: catalogue, events: NoEvents()
        ) { try content.lease() }
        return TransferService(registry: registry, environments: environments)
    }

    deinit { try? FileTree.remove(folder) }

    static func routes() throws -> [Route] { try APIFixture().routes }

    var harness: RouterHarness { RouterHarness(routes) }

    /// Publishes a small release with a lock and a log.
    @discardableResult
    func publish(_ name: String, _ version: String) async throws -> Release {
        let lease = try content.lease()
        defer { lease.end() }
        let assembler = ReleaseAssembler(store: content)
        let blob = try await content.put(Array("layer of \(version)".utf8))
        let image = try await assembler.image(
            layers: [
                (
                    Descriptor(mediaType: MediaType.layerTar, digest: blob.digest, size: blob.size.bytes), blob.digest,
                    "apt bwa"
                )
            ], config: ImageConfig(architecture: "amd64", rootfs: .init(diffIDs: [])))
        let owner = try #require(EnvironmentName(name))
        let number = try #require(ReleaseVersion(version))
        let (index, document) = try await assembler.index(name: owner, version: number, manifests: [image])
        let lock = try await assembler.artifact(
            type: MediaType.lock, payload: [(Array("{\"schema\":1}".utf8), MediaType.lock, "lock.json")], subject: index
        )
        let release = Release(
            name: owner, version: number, digest: index.digest, index: document, referrers: [lock],
            publishedAt: 1_700_000_000)
        try await releases.publish(release)
        return release
    }
}

/// A database without rows: what is asked of it here comes from the content store.
struct EmptyDatabase: SQLDatabase {
    private struct Connection: SQLConnection {
        func execute(_ sql: String, _ arguments: [SQLValue]) throws {}
        func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] { [] }
        func scan(_ sql: String, _ arguments: [SQLValue], _ body: (any SQLColumns) throws -> Void) throws {}
    }

    func read<Result: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> Result
    ) async throws -> Result { try body(Connection()) }

    func write<Result: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> Result
    ) async throws -> Result { try body(Connection()) }
}

struct NoEvents: EventLog {
    func append(subject: String, kind: String, data: JSONValue) async throws -> Event {
        Event(sequence: 1, time: 1, subject: subject, kind: kind, data: data)
    }
    func events(after sequence: Int64, subject: String?, limit: Int) async throws -> [Event] { [] }
    func follow(after sequence: Int64, subject: String?) -> AsyncThrowingStream<Event, any Error> {
        AsyncThrowingStream { $0.finish() }
    }
}

/// Runs an operation to its end before it returns.
struct InlineOperations: OperationRunning {
    func start(
        kind: String, title: String, inputs: FilePath?, _ body: @escaping OperationBody
    ) async throws -> OperationRecord {
        var generator = SystemRandomNumberGenerator()
        let id = Identifier(milliseconds: 1, using: &generator)
        var record = OperationRecord(id: id, kind: kind, title: title, state: .succeeded, createdAt: 1)
        do {
            record.result = try await body(OperationContext(id: id, events: NoEvents(), inputs: inputs))
        } catch let error as RucheError {
            record.state = .failed
            record.failure = .init(code: error.code, message: error.message, details: error.details, problems: [])
        }
        return record
    }
    func operation(_ id: Identifier) async throws -> OperationRecord? { nil }
    func operations(
        before cursor: Identifier?, owners: OwnerSelection, limit: Int
    ) async throws -> [OperationRecord] { [] }
    func cancel(_ id: Identifier) async throws -> OperationRecord { throw RucheError(.notFound, "there is none") }
}

struct NoBuilder: Building {
    func plan(_ request: BuildRequest) async throws -> [PlannedStep] { [] }
    func build(
        _ request: BuildRequest, onEvent: @escaping @Sendable (BuildEvent) -> Void
    ) async throws -> BuildResult { throw RucheError(.buildFailed, "nothing is built here") }
}
