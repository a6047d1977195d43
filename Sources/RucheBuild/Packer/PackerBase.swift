import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// Runs a template of Packer under its own builder, and takes the disk that comes of it as a base.
struct PackerBase: Sendable {
    private static let lastLines = 5

    let configuration: BuilderConfiguration
    let store: any ContentStore
    let runner: any CommandRunning
    let now: @Sendable () -> Int64

    /// `folder` is an empty folder of this build.
    func make(
        _ packer: PackerSource, _ request: BuildRequest, _ source: SourceFolder, in folder: FilePath,
        onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws -> BaseRecord {
        let account = try account()
        try Tool.require(.packer, .qemuImage)
        let recipe = request.recipe
        let contract = recipe.packer ?? PackerContract()
        let secrets = try PackerSecrets(configuration.packerSecrets).values(of: contract.secrets, for: recipe.name)
        let scratch = try PackerScratch(
            folder, cache: configuration.cache, for: recipe.name,
            template: FilePath(packer.path).removingLastComponent(), account: account)
        try await scratch.copy(source.folder, with: runner)
        let variables = try scratch.write(
            try CanonicalJSON.encode(packer.values.merging(secrets) { $1 }), as: "variables.json")
        let name = FilePath(packer.path).lastComponent?.string ?? packer.path
        let arguments =
            ["build", "-machine-readable", "-var-file=\(variables)"]
            + (contract.builder.map { ["-only=\($0)"] } ?? []) + [name]
        let output = try await run(
            scratch.command(arguments, proxies: configuration.proxies), packer.path, hiding: secrets.values.map(\.self),
            folder, onLine)
        try scratch.keepDownloads()
        let file = try scratch.locate(
            try output.disk(remedy: "name one with packer.builder, and end its post-processors with one disk"))
        let artifact = try SourceFolder.digest(of: file)
        let imported = try await take(file, contract.format, in: folder)
        let record = PackerRecord(
            version: await ToolVersions(cache: configuration.cache, runner: runner).read([.packer])["packer"]
                ?? "unknown",
            builder: contract.builder ?? packer.template.builders.first?.name ?? "",
            template: try source.digest(file: packer.path), artifact: artifact, disk: imported.disk.blob)
        for note in imported.guest.notes { onLine(OutputLine(stream: .stdout, text: "note: \(note)")) }
        var base = BaseRecord(
            layers: [], clampTime: max(imported.guest.changedAt, CatalogueBase.earliest), resolvedAt: now())
        base.disk = DiskBase(imported, made: record)
        return base
    }

    /// Who Packer runs as. A template can do all that this account can.
    private func account() throws -> SystemAccount {
        if let name = configuration.packerUser { return try SystemAccount(named: name) }
        guard configuration.runsPackerAsNobody else {
            throw RucheError(
                .notPermitted,
                "this server runs no templates of Packer, which could do anything on its machine: its operator may allow it with packer_user in the configuration"
            )
        }
        return .nobody()
    }

    private func run(
        _ command: Command, _ template: String, hiding secrets: [String], _ folder: FilePath,
        _ onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws -> PackerOutput {
        let reader = PackerLog(hiding: secrets, next: onLine)
        let result = try await runner.run(command, onLine: reader.take)
        guard !result.status.isSuccess else { return reader.output }
        let last = reader.last(Self.lastLines)
        if last.contains(where: { $0.contains("No space left") }) || DiskReserve.isUsedUp(in: folder) {
            throw RucheError(.diskFull, "the disk of \"\(configuration.data)\" is full: Packer could not go on")
        }
        var error = StepFailure.error("packer build \(template)", result.status)
        error.message += "; the last it said:\n" + last.map { "  \($0)" }.joined(separator: "\n")
        throw error
    }

    /// Takes the artifact as what a stranger made.
    private func take(
        _ file: FilePath, _ format: PackerContract.Format?, in folder: FilePath
    ) async throws -> DiskImporter.Imported {
        let place = folder.appending("artifact")
        try FileTree.makeFolder(place, permissions: 0o700)
        let taken = place.appending("file")
        try AtomicFile.rename(file, to: taken)
        let architecture = configuration.architecture
        do {
            guard let kind = try format?.kind ?? DiskImporter.kind(ofFileOrArchive: taken) else {
                throw RucheError(
                    .unsupported, "it has no mark of a format that is read: say what it is with packer.format")
            }
            return try await DiskImporter(store: store, runner: runner).importDisk(
                taken, kind, architecture: architecture
            ) { _ in }
        } catch var error as RucheError {
            error.message = "the artifact of Packer can't be taken: \(error.message)"
            throw error
        }
    }
}

extension PackerContract.Format {
    fileprivate var kind: DiskImporter.Kind {
        switch self {
        case .ova: .appliance
        case .box: .box
        case .raw: .image(.raw)
        case .qcow2: .image(.qcow2)
        case .vmdk: .image(.vmdk)
        case .vdi: .image(.vdi)
        case .vhdx: .image(.vhdx)
        }
    }
}
