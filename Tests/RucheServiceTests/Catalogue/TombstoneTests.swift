import RucheCore
import RucheHost
import RucheImages
import RucheService
import RucheStore
import Support
import SystemPackage
import Testing

/// What stays of removed releases when more happens to what they were of.
@Suite struct TombstoneTests {
    private static let reference = "lab/tool:1.0"

    /// With a public release.
    private static func with(
        _ body: @escaping @Sendable (CatalogueSite, EnvironmentName, ReleaseReference) async throws -> Void
    ) async throws {
        try await Scratch.with { folder in
            let name = try #require(EnvironmentName("lab/tool"))
            let site = try CatalogueSite(folder)
            try await site.publish(reference)
            _ = try await site.environments.update(name) { $0.visibility = .public }
            try await body(site, name, try ReleaseReference(parsing: reference))
        }
    }

    @Test(arguments: [Visibility.private, .public])
    func whatIsPrivateTakesThemAlong(visibility: Visibility) async throws {
        try await Self.with { site, name, reference in
            try await site.publish("lab/other:1.0")
            let other = try #require(EnvironmentName("lab/other"))
            _ = try await site.environments.update(other) { $0.visibility = .public }
            for text in [Self.reference, "lab/other:1.0"] {
                try await site.catalogue.remove(try ReleaseReference(parsing: text))
            }
            _ = try await site.environments.update(name) { $0.visibility = visibility }
            #expect(try await site.kept().count == 2)

            try await site.environments.remove(name)
            let left = visibility == .public ? ["lab/other", "lab/tool"] : ["lab/other"]
            #expect(try await site.kept() == left)
            #expect(try await site.harvested() == left)
            _ = try await site.catalogue.index.rebuild()
            #expect(try await site.harvested() == left)
        }
    }

    @Test func aPrivateEnvironmentWithReleasesKeepsThem() async throws {
        try await Self.with { site, name, reference in
            try await site.publish("lab/tool:1.1")
            try await site.catalogue.remove(reference)
            _ = try await site.environments.update(name) { $0.visibility = .private }
            await #expect(throws: RucheError.self) { try await site.environments.remove(name) }
            #expect(try await site.kept() == ["lab/tool"])
        }
    }

    /// As when the program ended between the tombstone and the removal.
    private static func leave(_ site: CatalogueSite, _ reference: ReleaseReference) async throws {
        try await site.catalogue.remove(reference)
        let tombstone = try #require(try await site.releases.tombstones().tombstones.first)
        let path = site.folder.appending("content/refs/.removed/\(tombstone.stem).json")
        let bytes = try AtomicFile.read(path)
        try await site.publish(Self.reference)
        #expect(try await site.kept().isEmpty)
        try AtomicFile.write(bytes, to: path)
        #expect(try await site.kept() == ["lab/tool"])
    }

    @Test func whatARemovalLeftBehindGoesWithAPrivateRelease() async throws {
        try await Self.with { site, name, reference in
            try await Self.leave(site, reference)
            _ = try await site.environments.update(name) { $0.visibility = .private }
            try await site.catalogue.remove(reference)
            #expect(try await site.kept().isEmpty)
            #expect(try await site.catalogue.index.reconcile() == nil)
        }
    }

    @Test func whatARemovalLeftBehindGoesWhenTheIndexIsMadeAgain() async throws {
        try await Self.with { site, _, reference in
            try await Self.leave(site, reference)
            _ = try await site.catalogue.index.rebuild()
            #expect(try await site.kept().isEmpty)
            #expect(try await site.catalogue.resolve(reference).version.description == "1.0")
        }
    }

    @Test func aPublicReleaseLeavesOneInPlaceOfWhatWasLeftBehind() async throws {
        try await Self.with { site, _, reference in
            try await Self.leave(site, reference)
            try await site.catalogue.remove(reference)
            #expect(try await site.kept() == ["lab/tool"])
            #expect(try await site.harvested() == ["lab/tool"])
        }
    }
}

extension CatalogueSite {
    /// Names of the environments of which something stays.
    fileprivate func kept() async throws -> [String] {
        try await releases.tombstones().tombstones.map(\.name.description).sorted()
    }

    /// Names of the environments of which a removed release is told.
    fileprivate func harvested() async throws -> [String] {
        try await database.read {
            try HarvestRepository($0).rows(owner: nil, in: 0..<Int64.max, after: nil, limit: 10)
        }.filter(\.isRevoked).map(\.name).sorted()
    }
}
