import Glibc
import RucheCore
import RucheHost
import RucheImages
import Synchronization
import SystemPackage
import Testing

@testable import RucheBuild

/// A data directory with a builder over it, and a recipe's folder beside it.
final class BuildSite: Sendable {
    let folder: FilePath
    let configuration: BuilderConfiguration
    let store: FileContentStore
    let layers: FileLayerCache
    let releases: FileReleaseStore
    let builder: Builder
    let events = Mutex<[BuildEvent]>([])
    var recipe: FilePath { folder.appending("recipe") }

    init(
        in folder: FilePath, sandbox: (any Sandboxing)? = nil, runner: any CommandRunning = SystemCommandRunner(),
        at now: Int64? = nil,
        configure: (inout BuilderConfiguration) -> Void = { _ in }
    ) throws {
        self.folder = folder
        var configuration = BuilderConfiguration(data: folder.appending("data"))
        configure(&configuration)
        self.configuration = configuration
        let data = configuration.data
        try FileTree.makeFolder(folder.appending("recipe"))
        store = try FileContentStore(folder: data.appending("content"))
        layers = try FileLayerCache(folder: data.appending("cache/layers"), store: store)
        releases = try FileReleaseStore(folder: data.appending("content/refs"), store: store)
        let containers = RuncSandbox(
            runner: runner, stateFolder: data.appending("run/runc"), bundles: data.appending("run/bundles"))
        builder = Builder(
            configuration: configuration, store: store, layers: layers, releases: releases,
            importer: ImageImporter(store: store, cache: layers), sandbox: sandbox ?? containers, runner: runner,
            lease: { [store] in try store.lease() }, now: { now ?? Int64(time(nil)) })
    }

    func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws {
        let file = recipe.appending(path)
        try FileTree.makeFolder(file.removingLastComponent())
        try AtomicFile.write(Array(text.utf8), to: file)
        guard chmod(file.string, mode) == 0 else { throw Errno(rawValue: errno) }
    }

    func request(_ change: (inout Recipe) -> Void = { _ in }) throws -> BuildRequest {
        let name = try #require(EnvironmentName("lab/thing"))
        let version = try #require(ReleaseVersion("1.0.0"))
        var recipe = Recipe(name: name, version: version, from: .debian(suite: "bookworm"))
        change(&recipe)
        return BuildRequest(recipe: recipe, folder: self.recipe, recipeFile: "ruche.yaml")
    }

    func build(_ request: BuildRequest) async throws -> BuildResult {
        events.withLock { $0 = [] }
        return try await builder.build(request) { event in self.events.withLock { $0.append(event) } }
    }

    /// How each step of the last build ended, by index.
    var outcomes: [Int: StepOutcome] {
        events.withLock { events in
            events.reduce(into: [:]) { result, event in
                if case .stepFinished(let index, let outcome) = event { result[index] = outcome }
            }
        }
    }

    var output: String {
        events.withLock { events in
            events.compactMap { if case .stepOutput(_, let line, _) = $0 { line } else { nil } }.joined(separator: "\n")
        }
    }

    /// Folders of a release's layers, lowest first.
    func layerFolders(_ release: Release) async throws -> [FilePath] {
        let image = try #require(release.index.manifests.first { $0.artifactType == nil })
        let manifest = try await store.document(Manifest.self, image.digest)
        let config = try await store.document(ImageConfig.self, manifest.config.digest)
        var result: [FilePath] = []
        for (id, blob) in zip(config.rootfs.diff_ids.compactMap { Digest($0) }, manifest.layers) {
            result.append(try await layers.folder(diffID: id, blob: blob))
        }
        return result
    }

    func config(_ release: Release) async throws -> ImageConfig {
        let image = try #require(release.index.manifests.first { $0.artifactType == nil })
        let manifest = try await store.document(Manifest.self, image.digest)
        return try await store.document(ImageConfig.self, manifest.config.digest)
    }
}

/// What real builds need.
enum Machine {
    static let canBuild =
        geteuid() == 0 && [Tool.runc, .mmdebstrap].allSatisfy { Tool.find($0.name) != nil }

    static func withFolder<Result>(_ body: (FilePath) async throws -> Result) async throws -> Result {
        try await TemporaryDirectory.with(in: "/var/tmp", prefix: "ruche-build") { folder in
            // A rename keeps names short enough for nothing to depend on the folder.
            try await body(folder)
        }
    }
}

/// One Debian base for all tests of a run, made by the first that asks.
actor SharedBase {
    static let shared = SharedBase()
    private var making: Task<FilePath, any Error>?

    /// A site in `folder` whose cache has the base already.
    func site(in folder: FilePath) async throws -> BuildSite {
        let making = self.making ?? Task { try await Self.make() }
        self.making = making
        let template: FilePath
        do { template = try await making.value } catch {
            self.making = nil  // the next test tries again
            throw error
        }
        // Blobs and layers never change, so links are as good as copies.
        try await SystemCommandRunner().runChecked(
            Command("cp", ["-al", template.appending("data").string, folder.appending("data").string]))
        return try BuildSite(in: folder)
    }

    private static func make() async throws -> FilePath {
        let folder: FilePath = "/var/tmp/ruche-build-tests.base"
        // One of an earlier run saves half a minute; the base's own age limit still holds.
        let site = try BuildSite(in: folder)
        _ = try await site.build(try site.request())
        for name in ["last", "results", "work"] { try FileTree.remove(folder.appending("data/cache/\(name)")) }
        try FileTree.remove(folder.appending("data/content/refs"))
        return folder
    }
}
