import Foundation
import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// Makes a `debian:SUITE` base with mmdebstrap, straight into a folder, once its package lists are here.
struct DebianBootstrap: Sendable {
    let configuration: BuilderConfiguration
    let runner: any CommandRunning
    let layers: LayerWriter
    let now: @Sendable () -> Int64

    private static let aptGet = Tool("apt-get", package: "apt")
    private static let keyring: FilePath = "/usr/share/keyrings/debian-archive-keyring.gpg"

    /// Raised when this program makes another base from the same sources.
    static let format = "ruche base 2"

    /// `folder` is an empty folder of this build.
    func make(
        _ sources: DebianSources, in folder: FilePath, onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws -> BaseRecord {
        try Tool.require(Tool.mmdebstrap, Self.aptGet)
        let start = ContinuousClock.now
        let cache = try AptCache(
            cache: configuration.cache, sources: sources.list, architecture: configuration.architecture)
        let lock = try await cache.lock()
        let list = folder.appending("sources.list")
        try AtomicFile.write(Array(sources.list.utf8), to: list)
        try await update(sources, list, cache, onLine)
        let newest = try cache.newestRelease() ?? 0
        let clampTime = sources.snapshot.flatMap(SnapshotTime.seconds) ?? newest
        let root = folder.appending("root")
        try await bootstrap(sources, list, cache, root: root, clampTime: clampTime, onLine)
        withExtendedLifetime(lock) {}
        // mmdebstrap puts a copy of the list it was given beside the one that the image gets here.
        try FileTree.remove(root.appending("etc/apt/sources.list.d").appending("0000sources.list"))
        try AtomicFile.write(Array(sources.list.utf8), to: root.appending("etc/apt/sources.list"))
        try LayerNormalizer(layer: root, lower: []).normalize()
        let layer = try await layers.store(root, clampTime: clampTime)
        let title = "debian:\(sources.suite)"
        return BaseRecord(
            layers: [
                LayerRecord(
                    diffID: layer.digest, blob: layer.descriptor, createdBy: "ruche base \(title)", title: title,
                    seconds: start.duration(to: .now).seconds)
            ],
            clampTime: clampTime, resolvedAt: now(), mirror: sources.mirror, snapshot: sources.snapshot)
    }

    /// Fetches the lists with this machine's apt, which names an unreachable mirror or an unknown suite early.
    private func update(
        _ sources: DebianSources, _ list: FilePath, _ cache: AptCache,
        _ onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws {
        let options = [
            "Dir::Etc::SourceList=\(list)", "Dir::Etc::SourceParts=-", "Dir::State::Lists=\(cache.lists)",
            "Dir::State::Status=/dev/null", "Dir::Cache=\(cache.files)",
            "Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache=", "APT::Architecture=\(configuration.architecture)",
            "APT::Architectures=\(configuration.architecture)", "APT::Sandbox::User=root",
            "APT::Update::Error-Mode=any", "Acquire::Languages=none", "Acquire::Retries=3",
        ]
        let trust = FileTree.exists(Self.keyring) ? ["Dir::Etc::Trusted=\(Self.keyring)"] : []
        let command = Command(
            Self.aptGet.name, (options + trust).flatMap { ["-o", $0] } + ["update"],
            environment: configuration.proxies.merging(["DEBIAN_FRONTEND": "noninteractive"]) { $1 })
        try await AptFailure.asking(
            sources.mirror, doing: "reading the package lists of \(sources.mirror)", onLine: onLine
        ) { try await runner.run(command, onLine: $0.take).status }
        try cache.markUpdated(at: now())
    }

    private func bootstrap(
        _ sources: DebianSources, _ list: FilePath, _ cache: AptCache, root: FilePath, clampTime: Int64,
        _ onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws {
        // The lists are here already: they are copied in rather than fetched a second time.
        let arguments = [
            "--variant=minbase", "--mode=root", "--format=directory",
            "--architectures=\(configuration.architecture)", "--skip=update,cleanup/tmp",
            "--dpkgopt=force-unsafe-io", "--aptopt=Acquire::Languages \"none\"",
            "--setup-hook=cp -a \"$RUCHE_LISTS/.\" \"$1/var/lib/apt/lists/\"", sources.suite, root.string, list.string,
        ]
        let lines = LineKeeper(next: onLine)
        let environment = [
            "SOURCE_DATE_EPOCH": String(clampTime), "RUCHE_LISTS": cache.lists.string, "TZ": "UTC",
            "TMPDIR": root.removingLastComponent().string,
        ]
        let command = Command(
            Tool.mmdebstrap.name, arguments,
            environment: configuration.proxies.merging(environment) { $1 })
        let result = try await runner.run(command, onLine: lines.take)
        guard result.status.isSuccess else {
            throw AptFailure(lines: lines.kept, mirror: sources.mirror).error(doing: "mmdebstrap \(sources.suite)")
        }
    }
}
