import Glibc
import RucheCore
package import RucheHost
package import RucheImages
import SystemPackage

/// Builds recipes on this machine: mmdebstrap, containers over overlayfs, and the content store.
package struct Builder: Building {
    let configuration: BuilderConfiguration
    let store: any ContentStore
    let layers: any LayerCache
    let releases: any ReleaseStore
    let importer: ImageImporter
    let sandbox: any Sandboxing
    private(set) var runner: any CommandRunning
    let lease: @Sendable () throws -> (any AnyObject & Sendable)?
    let now: @Sendable () -> Int64

    /// `lease` keeps the blobs of a running build from garbage collection for as long as what it returns lives.
    /// `now` is in seconds since 1970.
    package init(
        configuration: BuilderConfiguration, store: any ContentStore, layers: any LayerCache,
        releases: any ReleaseStore, importer: ImageImporter, sandbox: any Sandboxing, runner: any CommandRunning,
        lease: @escaping @Sendable () throws -> (any AnyObject & Sendable)? = { nil },
        now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
    ) {
        self.configuration = configuration
        self.store = store
        self.layers = layers
        self.releases = releases
        self.importer = importer
        self.sandbox = sandbox
        self.runner = runner
        self.lease = lease
        self.now = now
    }

    /// Clears what killed builds left: processes, mounts, folders. Call it once at start. Returns how many.
    @discardableResult
    package func reconcile() async throws -> Int {
        try await sandbox.reconcile()
        return try await Workspace.reconcile(configuration.work)
    }

    /// This builder, for the one build that has `workspace`.
    func working(in workspace: Workspace) -> Builder {
        var builder = self
        builder.runner = MarkingRunner(runner: runner, folder: workspace.folder)
        return builder
    }

    package func plan(_ request: BuildRequest) async throws -> [PlannedStep] {
        try await planner.plan(request, SourceFolder(request.folder)).items
    }

    package func build(
        _ request: BuildRequest, onEvent: @escaping @Sendable (BuildEvent) -> Void
    ) async throws -> BuildResult {
        let protection = try lease()
        defer { withExtendedLifetime(protection) {} }
        do {
            return try await BuildRun(builder: self, request: request, journal: BuildJournal(onEvent: onEvent)).run()
        } catch let error as Errno {
            let code: ErrorCode = error == .noSpace || error == .diskQuotaExceeded ? .diskFull : .internalError
            let what =
                code == .diskFull ? "the disk of \"\(configuration.data)\" is full" : "the build can't use its folders"
            throw RucheError(code, "\(what) (\(error))", details: ["path": configuration.data.string], cause: error)
        }
    }

    /// `layers` with their folders, lowest first.
    func stack(_ layers: [LayerRecord]) async throws -> [PythonPackages.Layer] {
        var result: [PythonPackages.Layer] = []
        for layer in layers {
            result.append((layer.diffID, try await self.layers.folder(diffID: layer.diffID, blob: layer.blob)))
        }
        return result
    }

    func folders(_ layers: [LayerRecord]) async throws -> [FilePath] { try await stack(layers).map(\.folder) }

    var layerWriter: LayerWriter { LayerWriter(store: store, cache: layers) }

    var bases: BaseResolver {
        BaseResolver(
            configuration: configuration, store: store, releases: releases, layers: layerWriter,
            importer: importer, runner: runner, now: now)
    }

    var planner: BuildPlanner { BuildPlanner(configuration: configuration, store: store, bases: bases) }
}
