import Foundation
package import RucheBuild
import RucheCore
import RucheHost
package import RucheImages
import SystemPackage

/// Makes a release of a package: its image in the store, its contract and form covered by the digest.
package struct PackageInstaller: Sendable {
    let content: any ContentStore
    let importer: ImageImporter
    let builder: any DockerfileBuilding
    let architecture: String
    let lease: @Sendable () throws -> ContentLease

    package init(
        content: any ContentStore, importer: ImageImporter, builder: any DockerfileBuilding, architecture: String,
        lease: @escaping @Sendable () throws -> ContentLease
    ) {
        self.content = content
        self.importer = importer
        self.builder = builder
        self.architecture = architecture
        self.lease = lease
    }

    /// What an image's import gave, and the command that runs in it.
    struct Image {
        var manifest: Descriptor
        var job: String
        var base: BaseReference
    }

    /// The image of a package in one of the original's dialects. `scratch` is the caller's to remove.
    func image(
        of reader: PackageReader, _ manifest: PackageManifest, scratch: FilePath, catalogue: CatalogueService,
        onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws -> Image {
        switch manifest.dialect {
        case .lxdImage: return try await lxd(reader.archive.path, manifest, as: reader.archive.path.string)
        case .lxdArchive:
            let folder = scratch.appending("package")
            try reader.archive.extract(to: folder)
            let name = reader.archive.contents.image ?? PackageContents.imageNames[0]
            return try await lxd(folder.appending(name), manifest, as: name)
        case .dockerfile: return try await dockerfile(reader, manifest, scratch, catalogue, onLine)
        case .release: throw RucheError(.internalError, "a release is no package to make an image of")
        }
    }

    private func lxd(_ path: FilePath, _ manifest: PackageManifest, as name: String) async throws -> Image {
        let archive = try PackageArchive(path)
        guard archive.layout == .lxdImage, archive.contents.files.contains(where: { $0.hasPrefix("rootfs/") }) else {
            throw RucheError(
                .invalidArchive,
                "\"\(name)\" is no unified LXD image: export it with \"lxc image export\" as one file with rootfs/ in it"
            )
        }
        let (files, _) = try archive.read(["metadata.yaml"], limit: 1 << 20)
        let said = files["metadata.yaml"].flatMap {
            ManifestReader.architecture(ofMetadata: String(decoding: $0, as: UTF8.self))
        }
        if let said, said != architecture {
            throw RucheError(
                .unsupported, "the LXD image is for \(said), and this machine is \(architecture)",
                details: ["architecture": said])
        }
        let job = manifest.job ?? ""
        let program = ShellWords.split(job)?.first.flatMap { $0.hasPrefix("/") ? $0 : nil }
        let image = try await importer.importImage(
            .lxdImage(path, program: program), architecture: architecture)
        return Image(
            manifest: image.manifest, job: job, base: .rootTarball(path: PackageContents.imageNames[0]))
    }

    private func dockerfile(
        _ reader: PackageReader, _ manifest: PackageManifest, _ scratch: FilePath, _ catalogue: CatalogueService,
        _ onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws -> Image {
        let context = scratch.appending("package")
        try reader.archive.extract(to: context)
        let text = String(
            decoding: try AtomicFile.read(context.appending(PackageContents.dockerfileName), limit: 1 << 20),
            as: UTF8.self)
        let work = scratch.appending("builder")
        // The folder above is closed to others; in this one the root of a build, who is nobody here, finds its files.
        try FileTree.makeFolder(work, permissions: 0o711)
        var build = DockerfileBuild(context: context, scratch: work)
        var exports: [ExportedFile] = []
        for name in DockerfileBases.names(in: text) {
            // What is no name of ours, or names nothing here, is the builder's to find, or to miss.
            guard let reference = try? ReleaseReference(parsing: name),
                let release = try? await catalogue.resolve(reference)
            else { continue }
            onLine(OutputLine(stream: .stdout, text: "base \(name) is \(release.name):\(release.version) of this site"))
            let file = try await catalogue.export(
                ReleaseReference(name: release.name, selector: release.version.description),
                format: builder.baseFormat, architecture: architecture)
            exports.append(file)
            build.bases.append(.init(name: name, archive: file.path))
        }
        let source = try await builder.build(build, onLine: onLine)
        withExtendedLifetime(exports) {}
        let image = try await importer.importImage(source, architecture: architecture)
        let words = (image.config.config?.Entrypoint ?? []) + (image.config.config?.Cmd ?? [])
        guard let job = manifest.job ?? (words.isEmpty ? nil : PackageCommandLine.join(words)) else {
            throw RucheError(
                .invalidInput, "the Dockerfile sets no command to run: add CMD or ENTRYPOINT",
                problems: [Problem(file: PackageContents.dockerfileName, path: "CMD", message: "is missing")])
        }
        return Image(manifest: image.manifest, job: job, base: .ociLayout(path: "image.tar", tag: nil))
    }

    /// The release that a package becomes. It has no time, so that the same image gives the same digest.
    func release(
        _ image: Image, _ reader: PackageReader, _ manifest: PackageManifest, package: Digest
    ) async throws -> Release {
        var recipe = Recipe(name: manifest.name, version: manifest.version, from: image.base)
        recipe.summary = manifest.summary
        recipe.description = manifest.description
        recipe.authors = manifest.authors
        recipe.license = manifest.license
        recipe.architectures = [architecture]
        recipe.pipeline = manifest.contract(job: image.job)
        var annotations = [
            ReleaseAnnotation.recipe: String(decoding: try CanonicalJSON.encode(recipe), as: UTF8.self),
            ReleaseAnnotation.package: package.description,
            ReleaseAnnotation.packageDialect: manifest.dialect.rawValue,
        ]
        annotations[Annotation.imageDescription] = recipe.summary
        annotations[Annotation.imageLicenses] = recipe.license
        if manifest.form != nil { annotations[ReleaseAnnotation.form] = reader.formText }
        return try await assemble(
            manifest.name, manifest.version, image.manifest, annotations, documents: reader.documents)
    }

    private func assemble(
        _ name: EnvironmentName, _ version: ReleaseVersion, _ image: Descriptor, _ annotations: [String: String],
        documents: [PackageDocumentKind: [UInt8]]
    ) async throws -> Release {
        var image = image
        image.platform = .init(architecture: architecture)
        let (descriptor, index) = try await ReleaseAssembler(store: content).index(
            name: name, version: version, manifests: [image], annotations: annotations)
        let referrer = try await PackageDocuments(content: content).write(documents, subject: descriptor)
        return Release(
            name: name, version: version, digest: descriptor.digest, index: index,
            referrers: [referrer].compactMap(\.self), publishedAt: SystemTime.milliseconds() / 1000)
    }

    /// The release in an OCI archive that a catalogue wrote. Throws `invalid_input` when it is none, or no pipeline.
    func release(inArchive path: FilePath, _ index: ImageIndex) async throws -> Release {
        let annotations = index.annotations ?? [:]
        guard let name = annotations[Annotation.name].flatMap({ EnvironmentName($0) }),
            let version = annotations[Annotation.version].flatMap({ ReleaseVersion($0) }),
            let text = annotations[ReleaseAnnotation.recipe]
        else {
            throw RucheError(
                .invalidInput,
                "the OCI archive holds an image, and not the contract of a pipeline: export a pipeline's release with \"ruche release export --format oci-archive\""
            )
        }
        let recipe = try CanonicalJSON.decode(Recipe.self, Array(text.utf8), "the recipe of \(name):\(version)")
        guard let contract = recipe.pipeline else {
            throw RucheError(
                .invalidInput, "\(name):\(version) is no pipeline: its recipe has no \"pipeline:\" section")
        }
        var problems = contract.problems(file: "index.json")
        if let form = annotations[ReleaseAnnotation.form] {
            problems += Form.parse(form, file: "form.json").problems
        }
        if recipe.name != name || recipe.version != version {
            problems.append(Problem(file: "index.json", path: Annotation.name, message: "is not what the recipe says"))
        }
        guard problems.isEmpty else {
            throw RucheError(.invalidInput, "the contract of \(name):\(version) is not valid", problems: problems)
        }
        let image = try await importer.importImage(.ociArchive(path), architecture: architecture)
        var kept = annotations
        let documents = kept.removeValue(forKey: Annotation.documents).flatMap { Digest($0) }
        let contents = try await documents.map { try await PackageDocuments(content: content).contents(of: $0) }
        return try await assemble(name, version, image.manifest, kept, documents: contents ?? [:])
    }
}

extension Optional {
    fileprivate func map<Result>(_ body: (Wrapped) async throws -> Result) async throws -> Result? {
        guard let self else { return nil }
        return try await body(self)
    }
}
