import RucheBuild
package import RucheCore
import RucheImages
package import RucheStore

/// The records of the catalogue: identifiers, and all that pages and documents about releases say.
package struct RecordService: Sendable {
    package let configuration: RecordConfiguration
    package let environments: EnvironmentService
    let database: any SQLDatabase
    private let memory = EvidenceMemory()
    var catalogue: CatalogueService { environments.catalogue }
    private var reader: ReleaseReader { ReleaseReader(content: environments.content) }

    package init(
        environments: EnvironmentService, database: any SQLDatabase,
        configuration: RecordConfiguration = RecordConfiguration()
    ) {
        self.environments = environments
        self.database = database
        self.configuration = configuration
    }

    /// What an ARK names, whatever authority it is of: the name alone says it. Throws `not_found`.
    package func resolve(_ ark: ARK) async throws -> (name: EnvironmentName, version: ReleaseVersion?) {
        guard let row = try await database.read({ try IdentifierRepository($0).identifier(stem: ark.stem) }),
            let name = EnvironmentName(row.name)
        else { throw Self.unknown(ark) }
        return (name, ReleaseVersion(row.version))
    }

    package static func unknown(_ ark: ARK) -> RucheError {
        RucheError(.notFound, "\(ark) names nothing in this catalogue")
    }

    /// The record of an environment, with what its newest release says of itself. Throws `not_found`.
    package func record(of name: EnvironmentName) async throws -> CatalogueRecord {
        let environment = try await environments.environment(name)
        var record = try await base(environment)
        if let version = record.newest, let release = try await catalogue.releases.release(name, version) {
            try await describe(release, in: &record)
            record.releaseNotes = nil
            record.swhid = nil
            record.digest = nil
        }
        record.downloads = try await environments.downloads(of: name)
        return record
    }

    /// The record of a release; it may be revoked. Throws `not_found`.
    package func record(of reference: ReleaseReference) async throws -> CatalogueRecord {
        let release = try await catalogue.resolve(reference)
        let environment = try await environments.environment(release.name)
        return try await record(of: release, in: try await base(environment))
    }

    /// `base` is what is said of the environment.
    func record(of release: Release, in base: CatalogueRecord) async throws -> CatalogueRecord {
        var record = base
        record.version = release.version
        record.publishedAt = release.publishedAt * 1000
        record.createdAt = record.publishedAt
        record.digest = release.digest
        record.revocation = release.revocation
        let modified = [base.modifiedAt, record.publishedAt, (release.revocation?.at ?? 0) * 1000]
        record.modifiedAt = modified.max() ?? record.publishedAt
        let identifier = try await environments.catalogue.index.identifier(of: release)
        record.ark = ARK(naan: configuration.naan, stem: identifier.stem)
        record.swhid = identifier.swhid
        record.downloads = try await environments.downloads(of: release.name, version: release.version)
        record.doi = try await database.read {
            try DOIRepository($0).doi(
                name: release.name.description, version: release.version.description, stem: identifier.stem)
        }.flatMap { ["findable", "registered"].contains($0.registered) ? $0.doi : nil }
        try await describe(release, in: &record)
        if release.revocation != nil { record.files = [] }
        return record
    }

    /// What the documents of a release say, of an environment those of its newest one; nothing of what is revoked.
    package func evidence(of record: CatalogueRecord) async throws -> ReleaseEvidence {
        guard !record.isRevoked, let version = record.version ?? record.newest,
            let release = try await catalogue.releases.release(record.name, version)
        else { return ReleaseEvidence() }
        let key = EvidenceMemory.Key(release)
        if let known = memory.evidence(key) { return known }
        // As with files: a damaged blob leaves less to show.
        guard let evidence = try? await reader.evidence(of: release) else { return ReleaseEvidence() }
        if evidence.isWhole { memory.keep(evidence, key) }
        return evidence
    }

    /// What is said of an environment, and its versions where they are asked for: there may be very many.
    func base(_ environment: EnvironmentRecord, withVersions: Bool = true) async throws -> CatalogueRecord {
        let name = environment.name.description
        let (identifiers, rows) = try await database.read { connection in
            guard withVersions else { return ([IdentifierRow](), [ReleaseRow]()) }
            return (
                try IdentifierRepository(connection).identifiers(of: name),
                try ReleaseRepository(connection).releases(after: nil, name: name, text: nil, limit: .max)
            )
        }
        let stem = Identification.row(environment).stem
        let ark = ARK(naan: configuration.naan, stem: stem)
        var record = CatalogueRecord(
            name: environment.name, ark: ark, environmentARK: ark, createdAt: environment.createdAt,
            publishedAt: environment.createdAt, modifiedAt: environment.updatedAt)
        let stems = Dictionary(identifiers.map { ($0.version, $0.stem) }, uniquingKeysWith: { first, _ in first })
        record.versions = rows.compactMap { row in
            ReleaseVersion(row.version).map {
                CatalogueRecord.Version(
                    version: $0, ark: stems[row.version].map { ARK(naan: configuration.naan, stem: $0) },
                    publishedAt: row.publishedAt, revokedReason: row.revokedAt == nil ? nil : row.revokedReason ?? "")
            }
        }.sorted { $0.version > $1.version }
        let profile = environment.profile
        record.summary = profile.summary
        record.description = profile.description
        record.license = profile.license
        record.authors = profile.authors ?? []
        record.keywords = profile.keywords ?? []
        record.homepage = profile.homepage
        return record
    }

    /// What the release says where nobody said anything else, and what it holds.
    private func describe(_ release: Release, in record: inout CatalogueRecord) async throws {
        let recipe = try? ReleaseAnnotation.recipe(of: release)
        let annotations = release.index.annotations ?? [:]
        record.recipe = recipe
        record.summary = record.summary ?? recipe?.summary
        record.description = record.description ?? recipe?.description
        record.license = record.license ?? recipe?.license ?? annotations[Annotation.imageLicenses]
        if record.authors.isEmpty { record.authors = recipe?.authors ?? [] }
        if record.authors.isEmpty, let text = annotations[Annotation.imageAuthors] {
            record.authors = [Recipe.Author(name: text)]
        }
        if record.keywords.isEmpty { record.keywords = recipe?.keywords ?? [] }
        record.homepage = record.homepage ?? recipe?.homepage
        record.releaseNotes = annotations[Annotation.imageDescription]
        // A damaged blob leaves a shorter list, not a page that is not there.
        record.variants = (try? await reader.variants(of: release)) ?? []
        record.files = (try? await reader.files(of: release)) ?? []
    }
}
