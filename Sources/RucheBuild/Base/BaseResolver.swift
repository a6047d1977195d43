import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// Finds the layers that a recipe starts from: in the cache where that is right, made or read otherwise.
struct BaseResolver: Sendable {
    let configuration: BuilderConfiguration
    let store: any ContentStore
    let releases: any ReleaseStore
    let layers: LayerWriter
    let importer: ImageImporter
    let runner: any CommandRunning
    let now: @Sendable () -> Int64

    private var records: RecordFolder<BaseRecord> {
        RecordFolder(folder: configuration.cache.appending("bases"))
    }

    /// What would be used. Touches nothing.
    func plan(_ request: BuildRequest, _ source: SourceFolder, last: String?) async throws -> BuildPlan.PlannedBase {
        let recipe = request.recipe
        let title = "from \(recipe.from)"
        switch recipe.from {
        case .debian(let suite):
            let snapshot = request.lock?.base.snapshot ?? recipe.snapshot
            let sources = try DebianSources.choose(
                suite: suite, mirror: recipe.mirror, snapshot: snapshot, configuration)
            let key = try CanonicalJSON.digest([
                DebianBootstrap.format, configuration.architecture, try CanonicalJSON.text(sources),
            ]).hex
            var base = BuildPlan.PlannedBase(title: title, key: key, reason: "same as before", debian: sources)
            try await choose(&base, request, last)
            return base
        case .environment(let text):
            let release = try await releases.resolve(try ReleaseReference(parsing: text))
            let record = try await CatalogueBase(store: store, architecture: configuration.architecture).read(release)
            return BuildPlan.PlannedBase(
                title: title, key: release.digest.hex, record: record,
                reason: last == nil || last == release.digest.hex ? "same as before" : "\(text) changed")
        case .packerTemplate: return try await planPacker(title, request, source, last: last)
        case .ociLayout(let path, _), .dockerArchive(let path, _), .rootTarball(let path):
            let content = try source.tree(path, modes: false).mapValues { $0.hex }
            let key = try CanonicalJSON.digest([recipe.from.description: try CanonicalJSON.digest(content).hex]).hex
            let record = try await usable(records.read(key))
            let reason =
                record != nil ? "same as before" : last == nil || last == key ? "never built" : "\(path) changed"
            return BuildPlan.PlannedBase(title: title, key: key, record: record, reason: reason)
        }
    }

    /// Makes or reads the base. `folder` is an empty folder of this build.
    func resolve(
        _ base: BuildPlan.PlannedBase, _ request: BuildRequest, _ source: SourceFolder, in folder: FilePath,
        onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws -> BaseRecord {
        let record: BaseRecord
        if let sources = base.debian {
            let bootstrap = DebianBootstrap(configuration: configuration, runner: runner, layers: layers, now: now)
            record = try await bootstrap.make(sources, in: folder, onLine: onLine)
        } else if let packer = base.packer {
            let maker = PackerBase(configuration: configuration, store: store, runner: runner, now: now)
            record = try await maker.make(packer, request, source, in: folder, onLine: onLine)
        } else {
            let archive = ArchiveBase(
                importer: importer, layers: layers.cache, architecture: configuration.architecture, now: now)
            record = try await archive.read(request.recipe.from, source)
        }
        try records.write(record, as: base.key)
        // Kept by content too, so that a lock finds a base that has been replaced since.
        try records.write(record, as: Self.name(record.layers.map(\.diffID), disk: record.disk?.blob))
        return record
    }

    private static func name(_ layers: [Digest], disk: Digest?) -> String {
        if let disk { return "disk-\(disk.hex)" }
        return "layers-" + ((try? CanonicalJSON.digest(layers.map(\.hex)).hex) ?? "none")  // strings always encode
    }

    func choose(_ base: inout BuildPlan.PlannedBase, _ request: BuildRequest, _ last: String?) async throws {
        if let lock = request.lock?.base,
            let record = try await usable(records.read(Self.name(lock.layers, disk: lock.packer?.disk)))
        {
            base.record = record
            return
        }
        guard !request.refresh else {
            base.reason = "--refresh"
            return
        }
        guard base.packer == nil || !request.noCache else {
            base.reason = "--no-cache"
            return
        }
        guard let record = try await usable(records.read(base.key)) else {
            let change = base.packer == nil ? "mirror or suite changed" : "template, variables or files changed"
            base.reason = last == nil || last == base.key ? "never built" : change
            return
        }
        if let lock = request.lock, !record.isBase(of: lock.base) {
            base.reason = "not the base of the lock"
            return
        }
        let days = request.recipe.baseMaxAge ?? configuration.baseMaxAge
        // A snapshot never changes, so it never grows old. What takes an installer an hour is made again when that is said.
        let isLasting = record.snapshot != nil || (base.packer != nil && request.recipe.baseMaxAge == nil)
        if !isLasting, now() - record.resolvedAt >= Int64(days) * 86400 {
            base.reason = "base older than \(days) days"
            return
        }
        base.record = record
    }

    /// Nil when a blob of the record has gone.
    private func usable(_ record: BaseRecord?) async throws -> BaseRecord? {
        guard let record else { return nil }
        for layer in record.layers where try await store.size(of: layer.blob.digest) == nil { return nil }
        if let disk = record.disk, try await store.size(of: disk.blob) == nil { return nil }
        return record
    }
}
