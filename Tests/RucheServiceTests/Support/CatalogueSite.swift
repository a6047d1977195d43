import Logging
import RucheCore
import RucheHost
import RucheImages
import RucheService
import RucheStore
import Support
import SystemPackage
import Testing

/// A catalogue with its database in a folder of their own.
struct CatalogueSite: Sendable {
    let folder: FilePath
    let content: FileContentStore
    let database: SQLiteDatabase
    let releases: FileReleaseStore
    let catalogue: CatalogueService
    let environments: EnvironmentService

    init(_ folder: FilePath) throws {
        let content = try FileContentStore(folder: folder.appending("content"))
        releases = try FileReleaseStore(folder: folder.appending("content").appending("refs"), store: content)
        let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
        let events = DatabaseEventLog(database: database)
        let tools = ImageTools(
            export: { _, _, _, _ in throw RucheError(.unsupported, "nothing is exported here") },
            load: { _, _, _, _, _ in throw RucheError(.unsupported, "nothing is loaded here") },
            check: { _, _, _, _, _ in throw RucheError(.unsupported, "nothing is checked here") },
            compare: { _, _ in throw RucheError(.unsupported, "nothing is compared here") }, archive: { _, _ in })
        catalogue = CatalogueService(
            content: content, releases: releases, database: database, tools: tools,
            operations: OperationService(
                database: database, events: events, data: folder, logger: .init(label: "test")), events: events,
            temporaryFolder: folder.appending("uploads"))
        environments = EnvironmentService(
            store: releases, database: database, catalogue: catalogue, events: events
        ) { try content.lease() }
        (self.folder, self.content, self.database) = (folder, content, database)
    }

    /// Publishes an image with a bill of materials.
    func publish(_ text: String, packages: [(String, String)] = []) async throws {
        let reference = try ReleaseReference(parsing: text)
        let version = try #require(ReleaseVersion(reference.selector ?? ""))
        let lease = try content.lease()
        defer { lease.end() }
        let assembler = ReleaseAssembler(store: content)
        let image = try await assembler.image(
            layers: [], config: ImageConfig(architecture: "arm64", rootfs: .init(diffIDs: [])))
        let (descriptor, index) = try await assembler.index(
            name: reference.name, version: version, manifests: [image])
        let lines = packages.map { #"{"SPDXID":"SPDXRef-\#($0)","name":"\#($0)","versionInfo":"\#($1)"}"# }
        let bill = #"{"packages":[\#(lines.joined(separator: ","))],"relationships":[]}"#
        let artifact = try await assembler.artifact(
            type: MediaType.sbom, payload: [(Array(bill.utf8), MediaType.sbom, "sbom.json")], subject: descriptor)
        let release = Release(
            name: reference.name, version: version, digest: descriptor.digest, index: index,
            referrers: [artifact], publishedAt: 1_700_000_000)
        try await releases.publish(release)
        try await catalogue.published(release)
    }

    func found(_ change: (inout SearchQuery) -> Void) async throws -> [String] {
        var query = SearchQuery(owners: .only([]), limit: 100)
        change(&query)
        return try await environments.search.search(query).hits.map { hit in
            "\(hit.name)" + (hit.version.map { ":\($0)" } ?? "")
        }
    }
}
