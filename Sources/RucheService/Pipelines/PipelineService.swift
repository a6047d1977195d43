import Foundation
import RucheBuild
package import RucheCore
import RucheHost
import RucheImages
package import SystemPackage

/// Pipelines: how their packages come into the catalogue, and what people ask of them there.
package struct PipelineService: Sendable {
    /// The kind of its operations.
    package static let kind = "install"

    package let catalogue: CatalogueService
    let installer: PackageInstaller
    private let operations: any OperationRunning
    private let data: FilePath

    package init(
        catalogue: CatalogueService, installer: PackageInstaller, operations: any OperationRunning, data: FilePath
    ) {
        self.catalogue = catalogue
        self.installer = installer
        self.operations = operations
        self.data = data
    }

    /// A folder to receive a package in, as `package(in:)`.
    package func makeUploadFolder() throws -> FilePath { try catalogue.makeTemporaryFolder() }

    /// Where the package belongs in an upload's folder.
    package static func package(in folder: FilePath) -> FilePath { folder.appending(InstallOrder.packageFile) }

    /// Starts the installation of the package in `folder`, which the operation takes over.
    package func start(_ order: InstallOrder, in folder: FilePath) async throws -> OperationRecord {
        try order.write(to: folder)
        return try await Acting.on(order.owner) {
            try await operations.start(
                kind: Self.kind, title: "install \(order.title)", inputs: folder
            ) { try await install($0) }
        }
    }

    /// Does the whole installation; also what another process could not bring to its end.
    @concurrent package func install(_ context: OperationContext) async throws -> JSONValue {
        guard let inputs = context.inputs else {
            throw RucheError(.internalError, "the installation \(context.id) has lost its package")
        }
        let order = try InstallOrder.read(from: inputs)
        let log = InstallLog(log: context.log)
        if let text = order.release {
            let installed = try await installed(try ReleaseReference(parsing: text))
            log.line("\(installed.release) is in the catalogue and can run here")
            return try JSONValue(encoding: installed)
        }
        let scratch = try catalogue.makeTemporaryFolder()
        let lease = try installer.lease()
        defer {
            lease.end()
            // What can't be removed goes with the folder of uploads at the next start.
            try? FileTree.remove(scratch)
        }
        do {
            let installed = try await install(Self.package(in: inputs), order, scratch, log, context)
            log.line("\(installed.isNew ? "installed" : "was installed before:") \(installed.release)")
            return try JSONValue(encoding: installed)
        } catch let error as RucheError {
            log.line("error: \(error)")
            throw Self.renamed(error, [inputs, scratch], order)
        } catch let error as Errno {
            throw RucheError.storage(error, "install \(order.title) in", data)
        }
    }

    private func install(
        _ path: FilePath, _ order: InstallOrder, _ scratch: FilePath, _ log: InstallLog, _ context: OperationContext
    ) async throws -> InstalledPipeline {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        defer { try? file.close() }  // it is only read
        let digest = try await FileHasher.digest(file).digest
        let reader = try PackageReader(path, owner: order.owner.description)
        for finding in reader.findings { log.line("\(finding)") }
        await context.report(0.1)
        if reader.archive.layout == .ociArchive {
            let index = try ociIndex(reader)
            return try await publish(order, named: index.annotations?[Annotation.name], reader.findings) {
                try await installer.release(inArchive: path, index)
            }
        }
        guard let manifest = reader.manifest, reader.errors.isEmpty else {
            let count = reader.errors.count
            throw RucheError(
                .invalidInput, "\(order.title) has \(count) error\(count == 1 ? "" : "s")", problems: reader.errors)
        }
        return try await publish(order, named: manifest.name.description, reader.findings) {
            if let known = try await known(manifest, digest) { return known }
            let image = try await installer.image(
                of: reader, manifest, scratch: scratch, catalogue: catalogue
            ) { log.write($0) }
            await context.report(0.9)
            return try await installer.release(image, reader, manifest, package: digest)
        }
    }

    /// The release that the same package became before. Throws `release_immutable` when another one did.
    private func known(_ manifest: PackageManifest, _ digest: Digest) async throws -> Release? {
        guard let release = try await catalogue.releases.release(manifest.name, manifest.version) else { return nil }
        if release.index.annotations?[ReleaseAnnotation.package] == digest.description { return release }
        // The same content may come in another wrapping, and then has the same digest; a Dockerfile gives
        // another image each time.
        guard manifest.dialect == .dockerfile else { return nil }
        throw RucheError(
            .immutable,
            "\(manifest.name):\(manifest.version) is installed from another package: give this one a new version")
    }

    /// Publishes what `make` gives, while nobody else makes a release of that name.
    private func publish(
        _ order: InstallOrder, named name: String?, _ findings: [PackageFinding], _ make: () async throws -> Release
    ) async throws -> InstalledPipeline {
        if let name = name.flatMap({ EnvironmentName($0) }), name.owner != order.owner.description,
            !order.mayNameOwners
        {
            throw RucheError(
                .forbidden, "the pipeline is \(name), and you may not publish for \(name.owner)",
                details: ["owner": name.owner])
        }
        let locks = data.appending("run").appending("builds")
        try FileTree.makeFolder(locks, permissions: 0o700)
        let file = (name ?? "none").replacing("/", with: "+")
        let turn = try await FileLock.acquire(locks.appending("\(file).lock"))
        defer { withExtendedLifetime(turn) {} }
        let release = try await make()
        let before = try await catalogue.releases.release(release.name, release.version)
        if before?.digest == release.digest { return InstalledPipeline(release, isNew: false, findings: findings) }
        try Task.checkCancellation()
        try await catalogue.releases.publish(release)
        try await catalogue.published(release)
        return InstalledPipeline(release, isNew: true, findings: findings)
    }

    private func ociIndex(_ reader: PackageReader) throws -> ImageIndex {
        guard let bytes = try reader.archive.read(["index.json"], limit: 8 << 20).files["index.json"] else {
            throw RucheError(.invalidArchive, "index.json of the OCI archive is too large or no plain file")
        }
        return try CanonicalJSON.decode(ImageIndex.self, bytes, "index.json of the package")
    }

    /// People know the file by its name, not by the private copy of it.
    private static func renamed(_ error: RucheError, _ folders: [FilePath], _ order: InstallOrder) -> RucheError {
        var error = error
        error.message = error.message.replacing(package(in: folders[0]).string, with: order.title)
        for folder in folders { error.message = error.message.replacing(folder.string + "/", with: "") }
        return error
    }

    /// Ends what a former server left running in folders of uploads that are about to go.
    package func endLeftovers() async throws {
        let uploads = data.appending("uploads")
        guard FileTree.isFolder(uploads) else { return }
        for name in try FileTree.names(in: uploads) {
            try await BuildahBuilder.endLeftover(in: uploads.appending(name).appending("builder"))
        }
    }
}
