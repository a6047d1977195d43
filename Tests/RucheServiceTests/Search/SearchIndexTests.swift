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
    private static func with(_ body: @escaping @Sendable (CatalogueSite, EnvironmentName) async throws -> Void)
        async throws
    {
        try await Scratch.with { folder in
            let name = try #require(EnvironmentName("lab/tool"))
            try await body(try CatalogueSite(folder), name)
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
