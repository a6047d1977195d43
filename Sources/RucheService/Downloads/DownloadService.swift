import Foundation
package import RucheCore
package import RucheImages
package import RucheStore

/// Releases as plain files: each variant and each document under a name of its own that never changes.
package struct DownloadService: Sendable {
    private let catalogue: CatalogueService
    private let database: any SQLDatabase
    private let count: @Sendable (EnvironmentName, ReleaseVersion, String) async -> Void
    package var content: any ContentStore { catalogue.content }

    /// `count` is called for each file that somebody begins to fetch.
    package init(
        catalogue: CatalogueService, database: any SQLDatabase,
        count: @escaping @Sendable (EnvironmentName, ReleaseVersion, String) async -> Void
    ) {
        self.catalogue = catalogue
        self.database = database
        self.count = count
    }

    /// By version, tag or `latest`. Throws `not_found`, or `gone` for what is revoked.
    package func release(_ reference: ReleaseReference) async throws -> Release {
        let release = try await catalogue.resolve(reference)
        try release.requireStanding()
        return release
    }

    /// In the order of their names.
    package func files(of release: Release) async throws -> [DownloadFile] {
        let base = "\(release.name.name)-\(release.version)"
        var files: [DownloadFile] = []
        for variant in release.index.manifests where !Self.indexes.contains(variant.mediaType) {
            let manifest = try await content.document(Manifest.self, variant.digest)
            files += try Self.files(of: variant, manifest, base, reference: "\(release.name):\(release.version)")
        }
        for artifact in try await ReleaseReader(content: content).artifacts(of: release) {
            let (name, type) = Self.document(artifact.kind)
            files.append(DownloadFile(artifact.blob, name: "\(base)-\(name)", mediaType: type))
        }
        return Self.distinct(files).sorted { $0.name < $1.name }
    }

    /// Throws `not_found`.
    package func file(_ name: String, of release: Release) async throws -> DownloadFile {
        guard let file = try await files(of: release).first(where: { $0.name == name }) else {
            throw RucheError(
                .notFound,
                "\(release.name):\(release.version) has no file \"\(name.prefix(200))\": see /files/\(release.name)/\(release.version)/"
            )
        }
        return file
    }

    /// Read once and then remembered where the file is put together.
    package func digest(of file: DownloadFile) async throws -> Digest {
        if let digest = file.digest { return digest }
        let (kind, source) = ("file:\(file.name)", file.source.description)
        if let known = try await database.read({ try CombinedHashRepository($0).hash(kind, source) }),
            let digest = Digest(hex: known)
        {
            return digest
        }
        var hasher = StreamHasher()
        for try await chunk in file.stream(offset: 0, length: file.size, from: content) { hasher.update(chunk) }
        let digest = hasher.finish()
        try await database.write { try CombinedHashRepository($0).save(digest.hex, of: kind, source) }
        return digest
    }

    /// What `sha256sum -c` reads.
    package func sums(of release: Release) async throws -> String {
        var text = ""
        for file in try await files(of: release) { text += "\(try await digest(of: file).hex)  \(file.name)\n" }
        return text
    }

    /// Notes that somebody begins to fetch a file.
    package func countDownload(of file: DownloadFile, _ release: Release) async {
        await count(release.name, release.version, "file/\(file.name)")
    }

    private static let indexes = [MediaType.imageIndex, MediaType.dockerManifestList]

    private static func files(
        of variant: Descriptor, _ manifest: Manifest, _ base: String, reference: String
    ) throws -> [DownloadFile] {
        let platform = variant.platform.map { [$0.architecture, $0.variant].compactMap(\.self).joined(separator: "-") }
        let place = platform.map { "\(base)-\($0)" } ?? base
        switch variant.artifactType ?? manifest.artifactType {
        case MediaType.box:
            guard let box = BoxVariant(variant, manifest: manifest) else { return [] }
            return manifest.layers.prefix(1).map {
                DownloadFile($0, name: "\(base)-\(box.fileName)", mediaType: "application/octet-stream")
            }
        case MediaType.lxd, MediaType.lxdMachine:
            return manifest.layers.map { lxdFile($0, place, isMachine: variant.artifactType == MediaType.lxdMachine) }
        case nil, MediaType.imageConfig:
            let archive = try ImageArchive(variant, manifest: manifest, reference: reference)
            return [
                DownloadFile(
                    name: "\(place).oci.tar", mediaType: "application/x-tar", parts: archive.parts,
                    source: variant.digest)
            ]
        default:
            return manifest.layers.map {
                let title = $0.annotations?[Annotation.title].flatMap(safe) ?? String($0.digest.short)
                return DownloadFile($0, name: "\(base)-\(title)", mediaType: "application/octet-stream")
            }
        }
    }

    /// One of the two files of an image for LXD and Incus.
    private static func lxdFile(_ file: Descriptor, _ place: String, isMachine: Bool) -> DownloadFile {
        let kind = isMachine ? "lxd-vm" : "lxd"
        switch file.mediaType {
        case MediaType.lxdMetadata:
            return DownloadFile(file, name: "\(place).\(kind).tar.xz", mediaType: "application/x-xz")
        case MediaType.squashfs:
            return DownloadFile(file, name: "\(place).squashfs", mediaType: "application/vnd.squashfs")
        default:
            return DownloadFile(file, name: "\(place).\(kind).qcow2", mediaType: "application/octet-stream")
        }
    }

    private static func document(_ kind: ArtifactKind) -> (name: String, mediaType: String) {
        switch kind {
        case .recipe: ("recipe.tar", "application/x-tar")
        case .lock: ("lock.json", "application/json")
        case .sbom: ("sbom.spdx.json", "application/spdx+json")
        case .log: ("build.log", "text/plain; charset=utf-8")
        case .provenance: ("provenance.json", "application/json")
        }
    }

    /// A title that somebody gave, as the end of a file name; nil for one that can't be.
    private static func safe(_ title: String) -> String? {
        let name = title.split(separator: "/").last.map(String.init) ?? ""
        return name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]{0,120}/) == nil ? nil : name
    }

    /// Names that two files have get the beginning of what they are made of.
    private static func distinct(_ files: [DownloadFile]) -> [DownloadFile] {
        let groups = Dictionary(grouping: files, by: \.name)
        return files.map { file in
            guard let group = groups[file.name], group.count > 1 else { return file }
            var file = file
            file.name = "\(file.source.short)-\(file.name)"
            return file
        }
    }
}
