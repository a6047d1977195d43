import Logging
import RucheCore
import RucheHost
import RucheImages
import RucheService
import RucheStore
import Support
import SystemPackage
import Testing

/// The search follows what happens to the catalogue.
@Suite struct SearchIndexTests {
    private struct Site: Sendable {
        let content: FileContentStore
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
            self.content = content
        }

        /// Publishes an image with a bill of materials.
        func publish(_ text: String, packages: [(String, String)]) async throws {
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

    private static func with(_ body: @escaping @Sendable (Site, EnvironmentName) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let name = try #require(EnvironmentName("lab/tool"))
            try await body(try Site(folder), name)
        }
    }

    @Test func aReleaseIsFoundByWhatIsInItOnceItIsPublic() async throws {
        try await Self.with { site, name in
            try await site.publish("lab/tool:1.0", packages: [("bwa", "0.7.17-6"), ("base-files", "12.4+deb12u5")])
            let software: (inout SearchQuery) -> Void = { $0.filters[.software] = ["bwa==0.7.17"] }
            #expect(try await site.found(software).isEmpty)
            _ = try await site.environments.update(name) { $0.visibility = .public }
            #expect(try await site.found(software) == ["lab/tool:1.0"])
            #expect(try await site.found { $0.filters[.os] = ["debian 12"] } == ["lab/tool:1.0"])
            #expect(try await site.found { $0.filters[.architecture] = ["arm64"] } == ["lab/tool:1.0"])
            #expect(try await site.found { $0.filters[.provider] = ["oci"] } == ["lab/tool:1.0"])
            _ = try await site.environments.update(name) {
                ($0.summary, $0.keywords, $0.license) = ("Aligns reads", ["genomics"], "MIT OR Apache-2.0")
            }
            #expect(try await site.found { $0.text = "aligns" } == ["lab/tool:1.0"])
            #expect(try await site.found { $0.filters = [.keyword: ["Genomics"], .license: ["mit"]] }.count == 1)
            #expect(try await site.found(software) == ["lab/tool:1.0"])
            #expect(
                try await site.catalogue.software(of: ReleaseReference(name: name)).map(\.name) == [
                    "base-files", "bwa",
                ])
        }
    }

    @Test func newReleasesRevocationsAndRemovalsAreFollowed() async throws {
        try await Self.with { site, name in
            _ = try await site.environments.create(name, EnvironmentProfile(visibility: .public))
            #expect(try await site.found { _ in } == ["lab/tool"])
            for version in ["1.0", "1.1", "2.0-rc.1"] {
                try await site.publish("lab/tool:\(version)", packages: [("v", version)])
            }
            #expect(try await site.found { _ in } == ["lab/tool:1.1"])
            let newest = try ReleaseReference(parsing: "lab/tool:1.1")
            try await site.catalogue.revoke(newest, reason: "wrong")
            #expect(try await site.found { _ in } == ["lab/tool:1.0"])
            #expect(try await site.found { $0.allVersions = true }.count == 3)
            let before = try await site.found { $0.allVersions = true }
            _ = try await site.catalogue.index.rebuild()
            #expect(try await site.found { $0.allVersions = true } == before)
            #expect(try await site.catalogue.index.reconcile() == nil)
            try await site.environments.removeWithReleases(name)
            #expect(try await site.found { $0.allVersions = true }.isEmpty)
        }
    }
}
