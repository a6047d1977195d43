import Foundation
import Logging
import RucheBuild
import RucheCore
import RucheEngines
import RucheHost
import RucheImages
import RucheService
import RucheStore
import Support
import SystemPackage

/// A data folder with one pipeline, `lab/test:1.0`, and services over it that can be stopped and started again.
struct JobSite: Sendable {
    let folder: FilePath
    let data: FilePath
    let database: SQLiteDatabase
    let events: DatabaseEventLog
    let content: FileContentStore
    let releases: FileReleaseStore
    let layers: FileLayerCache
    let engine: any Engine

    static func with(
        _ program: @escaping FakeEngine.Program, contract: PipelineContract = PipelineContract(job: "/bin/job"),
        form: String? = nil, _ body: @Sendable (JobSite, FakeEngine) async throws -> Void
    ) async throws {
        let engine = FakeEngine(program)
        try await Scratch.with { folder in
            let root = folder.appending("root")
            try FileTree.makeFolder(root.appending("etc"))
            let site = try await JobSite(folder, engine, root: root, contract: contract, form: form)
            try await body(site, engine)
        }
    }

    init(
        _ folder: FilePath, _ engine: any Engine, root: FilePath, contract: PipelineContract, form: String? = nil,
        user: String? = nil
    ) async throws {
        self.folder = folder
        self.engine = engine
        data = folder.appending("data")
        database = try SQLiteDatabase(path: data.appending("ruche.db"))
        events = DatabaseEventLog(database: database)
        content = try FileContentStore(folder: data.appending("content"))
        releases = try FileReleaseStore(folder: data.appending("content/refs"), store: content)
        layers = try FileLayerCache(folder: data.appending("cache/layers"), store: content)
        try await publish(root, contract, form, user)
    }

    private func publish(_ root: FilePath, _ contract: PipelineContract, _ form: String?, _ user: String?) async throws
    {
        guard let name = EnvironmentName("lab/test"), let version = ReleaseVersion("1.0") else { return }
        let assembler = ReleaseAssembler(store: content)
        let blob = try await LayerArchiver().write(folder: root, clampTime: 0, to: content)
        let layer = Descriptor(mediaType: MediaType.layerTar, digest: blob.digest, size: blob.size.bytes)
        var config = ImageConfig(architecture: "amd64", rootfs: .init(diffIDs: []))
        config.config = ImageConfig.Execution()
        config.config?.Env = ["LANG=C.UTF-8"]
        config.config?.User = user
        let image = try await assembler.image(
            layers: [(blob: layer, diffID: blob.digest, createdBy: "test")], config: config)
        var recipe = Recipe(name: name, version: version, from: .debian(suite: "bookworm"))
        recipe.pipeline = contract
        var annotations = [
            ReleaseAnnotation.recipe: String(decoding: try JSONEncoder().encode(recipe), as: UTF8.self)
        ]
        annotations[ReleaseAnnotation.form] = form
        let (descriptor, index) = try await assembler.index(
            name: name, version: version, manifests: [image], annotations: annotations)
        try await releases.publish(
            Release(
                name: name, version: version, digest: descriptor.digest, index: index, referrers: [],
                publishedAt: 0))
    }

    var configuration: JobServiceConfiguration {
        var configuration = JobServiceConfiguration(
            data: data, database: database, events: events, releases: releases, content: content, layers: layers,
            engines: [engine.name: engine], logger: Logger(label: "test"))
        configuration.defaultEngine = engine.name
        configuration.grace = .milliseconds(50)
        configuration.tick = .milliseconds(10)
        configuration.notifyFolder = data.appending("run/jobs")
        return configuration
    }

    /// Runs a service while `body` does; its end is like the end of the process.
    func serve<Result: Sendable>(
        _ change: (inout JobServiceConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (JobService) async throws -> Result
    ) async throws -> Result {
        var configuration = configuration
        change(&configuration)
        let service = JobService(configuration: configuration)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await service.run()
                return nil
            }
            group.addTask { try await body(service) }
            while let result = try await group.next() {
                if let result {
                    group.cancelAll()
                    return result
                }
            }
            throw CancellationError()
        }
    }

    func write(_ text: String, to name: String) throws -> String {
        let path = folder.appending(name)
        try AtomicFile.write(Array(text.utf8), to: path)
        return path.string
    }

    func kinds() async throws -> [String] {
        try await events.events(after: 0, subject: nil, limit: 1000).map(\.kind)
    }
}

extension JobService {
    /// Waits for a final state.
    func end(of id: Identifier) async throws -> JobRecord {
        _ = try await eventually { try await job(id).state.isFinal }
        return try await job(id)
    }

    func reached(_ state: JobState, _ id: Identifier) async throws -> Bool {
        try await eventually { try await job(id).state == state }
    }
}
