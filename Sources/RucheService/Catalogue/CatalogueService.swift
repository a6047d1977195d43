import RucheBuild
package import RucheCore
import RucheHost
package import RucheImages
package import RucheStore
package import SystemPackage

/// The catalogue: releases by name, what they are made of, and how they come and go.
package struct CatalogueService: Sendable {
    package let content: any ContentStore
    package let releases: any CatalogueStore
    package let index: CatalogueIndex
    package let visibility: ReleaseVisibility
    private let reader: ReleaseReader
    let tools: ImageTools
    let operations: any OperationRunning
    private let events: any EventLog
    /// Releases that jobs need which are not over.
    private let inUse: @Sendable () async -> Set<Digest>
    /// Where exports and uploads wait, on the file system of the data directory.
    private let temporaryFolder: FilePath

    package init(
        content: any ContentStore, releases: any CatalogueStore, database: any SQLDatabase, tools: ImageTools,
        operations: any OperationRunning, events: any EventLog, temporaryFolder: FilePath,
        inUse: @escaping @Sendable () async -> Set<Digest> = { [] }
    ) {
        self.content = content
        self.releases = releases
        reader = ReleaseReader(content: content)
        visibility = ReleaseVisibility(database: database)
        index = CatalogueIndex(database: database, releases: releases, reader: reader)
        self.tools = tools
        self.operations = operations
        self.events = events
        self.temporaryFolder = temporaryFolder
        self.inUse = inUse
    }

    package func list(
        cursor: String?, name: EnvironmentName?, text: String?, owners: OwnerSelection = .all, limit: Int
    ) async throws -> CataloguePage {
        try await index.page(cursor: cursor, name: name, text: text, owners: owners, limit: limit)
    }

    /// `latest` without such a tag means the newest release that is no pre-release. Throws `not_found`.
    package func resolve(_ reference: ReleaseReference) async throws -> Release {
        guard reference.selector == "latest", try await releases.tags(reference.name)["latest"] == nil else {
            return try await releases.resolve(reference)
        }
        return try await releases.resolve(ReleaseReference(name: reference.name, digest: reference.digest))
    }

    package func show(_ reference: ReleaseReference) async throws -> ReleaseDetails {
        let release = try await resolve(reference)
        let tags = try await releases.tags(release.name).filter { $0.value == release.version }.map(\.key)
        let row = try await index.row(release)
        guard var entry = CatalogueIndex.entry(row, tags: tags) else {
            throw RucheError(.corruptContent, "the release \(reference) has an impossible name")
        }
        let profile = try await releases.environment(release.name)?.profile
        entry.summary = profile?.summary ?? entry.summary
        let recipe = try ReleaseAnnotation.recipe(of: release)
        var details = ReleaseDetails(
            entry: entry, recipe: recipe, form: ReleaseAnnotation.form(of: release),
            variants: try await reader.variants(of: release),
            artifacts: try await reader.artifacts(of: release))
        details.about = ReleaseAbout(profile, recipe, release.index.annotations ?? [:])
        details.downloads = try await index.downloads(of: release)
        return details
    }

    /// Packages of the bill of materials, by name; none without one.
    package func software(of reference: ReleaseReference) async throws -> [SoftwarePackage] {
        try await reader.packages(of: try await resolve(reference))
    }

    /// Every file of every variant.
    package func files(of reference: ReleaseReference) async throws -> [ReleaseFile] {
        try await reader.files(of: try await resolve(reference))
    }

    /// Every version of an environment that is released, also revoked ones.
    package func versions(of name: EnvironmentName) async throws -> [ReleaseVersion] {
        try await index.versions(of: name)
    }

    package func history(_ reference: ReleaseReference, architecture: String?) async throws -> [LayerHistory] {
        try await reader.history(of: try await resolve(reference), architecture: architecture)
    }

    /// The blob of an artifact. Throws `not_found`.
    package func artifact(_ kind: String, of reference: ReleaseReference) async throws -> Descriptor {
        let release = try await resolve(reference)
        let artifacts = try await reader.artifacts(of: release)
        guard let artifact = artifacts.first(where: { $0.kind.rawValue == kind }) else {
            let known = artifacts.map(\.kind.rawValue).joined(separator: ", ")
            throw RucheError(
                .notFound,
                "\(release.name):\(release.version) has no artifact \"\(kind.prefix(40))\": it has \(known.isEmpty ? "none" : known)"
            )
        }
        return artifact.blob
    }

    /// Names a version by a tag as well. Throws `invalid_input` for a tag that could be taken for a version.
    package func setTag(_ tag: String, of name: EnvironmentName, to version: String) async throws {
        guard ReleaseReference.isTag(tag), ReleaseVersion(tag) == nil else {
            throw RucheError(
                .invalidInput,
                "\"\(tag.prefix(130))\" can't be a tag: use letters, digits, . _ -, and nothing that is a version")
        }
        let release = try await resolve(ReleaseReference(parsing: "\(name):\(version)"))
        try await releases.setTag(tag, of: name, to: release.version)
        try await index.saveTags(of: name)
        try await tell(name, release.version, "release.tagged", ["tag": .string(tag)])
    }

    /// Throws `not_found` when there is no such tag.
    package func removeTag(_ tag: String, of name: EnvironmentName) async throws {
        guard let version = try await releases.tags(name)[tag] else {
            throw RucheError(.notFound, "\(name) has no tag \"\(tag.prefix(130))\"")
        }
        try await releases.setTag(tag, of: name, to: nil)
        try await index.saveTags(of: name)
        try await tell(name, version, "release.untagged", ["tag": .string(tag)])
    }

    /// Removes a release from the catalogue; its blobs go with the next garbage collection. Of a public one a tombstone
    /// stays, so that its identifier says what it was. Throws `invalid_state` while a job needs it.
    package func remove(_ reference: ReleaseReference) async throws {
        let release = try await resolve(reference)
        guard await !inUse().contains(release.digest) else {
            throw RucheError(
                .invalidState,
                "\(release.name):\(release.version) is used by a job that is not over: cancel it, or wait for its end")
        }
        let tombstone = try await index.tombstone(of: release, at: SystemTime.milliseconds())
        let stem = try await index.identifier(of: release).stem
        try await releases.remove(release.name, release.version, stem: stem, leaving: tombstone)
        try await index.remove(release.name, release.version, leaving: tombstone)
        try await tell(
            release.name, release.version, "release.removed", ["digest": .string(release.digest.description)])
    }

    /// Withdraws a release: its record and its reason stay, and nobody is given its bytes any more.
    package func revoke(_ reference: ReleaseReference, reason: String) async throws {
        let release = try await releases.resolve(reference)
        guard (1...2000).contains(reason.utf8.count) else {
            throw RucheError(
                .invalidInput, "say in at most 2000 bytes why \(release.name):\(release.version) is revoked")
        }
        try await releases.revoke(
            release.name, release.version, Revocation(reason: reason, at: SystemTime.milliseconds() / 1000))
        guard let revoked = try await releases.release(release.name, release.version) else { return }
        try await index.save(revoked)
        try await tell(release.name, release.version, "release.revoked", ["reason": .string(reason)])
    }

    package func difference(from: ReleaseReference, to: ReleaseReference) async throws -> ReleaseDiff {
        async let before = resolve(from)
        async let after = resolve(to)
        return try await tools.compare(before, after)
    }

    /// To be called once a release was published: brings the index up to date and tells of it.
    package func published(_ release: Release) async throws {
        // What is revoked stays so, whoever publishes it again.
        try await index.save(try await releases.release(release.name, release.version) ?? release)
        try await tell(
            release.name, release.version, "release.published", ["digest": .string(release.digest.description)])
    }

    /// Members of the environment's owner see what happens to its releases.
    private func tell(
        _ name: EnvironmentName, _ version: ReleaseVersion, _ kind: String, _ data: JSONValue
    ) async throws {
        try await events.append([
            EventDraft(subject: "release:\(name):\(version)", kind: kind, data: data, owner: name.ownerName)
        ])
    }

    /// Calls `body` with a file that holds the export, a tar for the folder formats, and removes it then.
    package func export(
        _ reference: ReleaseReference, format: ExportFormat, architecture: String?
    ) async throws -> ExportedFile {
        let release = try await resolve(reference)
        let folder = try TemporaryDirectory.make(in: temporaryFolder, prefix: "export")
        let file = ExportedFile(folder: folder, name: "\(release.name.name)-\(release.version).\(format.fileEnding)")
        do {
            guard format.isFolder else {
                try await tools.export(release, format, architecture, file.path)
                return file
            }
            let content = folder.appending("content")
            try await tools.export(release, format, architecture, content)
            try await tools.archive(content, file.path)
            try FileTree.remove(content)
            return file
        } catch {
            file.remove()
            throw error
        }
    }

    /// Starts putting an uploaded archive into the catalogue; the operation removes its folder.
    package func startImport(
        _ upload: FilePath, format: ImportFormat?, name: EnvironmentName, version: ReleaseVersion
    ) async throws -> OperationRecord {
        try await Acting.on(name.ownerName) {
            try await operations.start(kind: "import", title: "import \(name):\(version)") { context in
                // What can not be removed goes with the folder at the next start.
                defer { try? FileTree.remove(upload.removingLastComponent()) }
                let imported = try await load(upload, format, name, version, context)
                try await published(imported.release)
                let value: [String: JSONValue] = [
                    "release": .string("\(name):\(version)"), "digest": .string(imported.release.digest.description),
                ]
                return .object(value.merging(imported.findings) { own, _ in own })
            }
        }
    }

    private func load(
        _ upload: FilePath, _ format: ImportFormat?, _ name: EnvironmentName, _ version: ReleaseVersion,
        _ context: OperationContext
    ) async throws -> ImportedRelease {
        let (steps, sink) = AsyncStream<Double>.makeStream(bufferingPolicy: .bufferingNewest(1))
        async let _: Void = { for await step in steps { await context.report(step) } }()
        defer { sink.finish() }
        return try await tools.load(upload, format, name, version) { sink.yield($0) }
    }

    /// Throws `quota_exceeded` when an owner may not keep so many bytes more, or `disk_full`.
    package func requireRoom(_ bytes: Int64, for owner: OwnerName) async throws {
        try FileTree.makeFolder(temporaryFolder)
        try DiskReserve.require(in: temporaryFolder)
        try await QuotaGuard(index.database).require(bytes, for: owner)
    }

    /// A new folder for an upload or an export.
    package func makeTemporaryFolder() throws -> FilePath { try TemporaryDirectory.make(in: temporaryFolder) }

    /// Removes what a former process left behind, and ends the programs that it started there.
    package func removeLeftovers() async throws {
        try await ProcessIdentity.endAll(below: temporaryFolder)
        try FileTree.remove(temporaryFolder)
    }
}
