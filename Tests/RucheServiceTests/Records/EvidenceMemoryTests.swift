import RucheCore
import RucheImages
import Support
import Testing

@testable import RucheService

/// What is remembered of the documents of releases.
@Suite struct EvidenceMemoryTests {
    private static func evidence(_ bytes: Int) -> ReleaseEvidence {
        var evidence = ReleaseEvidence()
        evidence.packages = [SoftwarePackage(name: String(repeating: "x", count: bytes), version: "1")]
        return evidence
    }

    private static func key(_ number: Int, referrers: [Int] = []) throws -> EvidenceMemory.Key {
        func digest(_ number: Int) -> Digest { StreamHasher.digest(of: Array("\(number)".utf8)) }
        return EvidenceMemory.Key(
            Release(
                name: try #require(EnvironmentName("lab/tool")), version: try #require(ReleaseVersion("1.0")),
                digest: digest(number), index: ImageIndex(manifests: []),
                referrers: referrers.map {
                    Descriptor(mediaType: MediaType.imageManifest, digest: digest($0), size: 1)
                }, publishedAt: 1))
    }

    @Test func whatWasAskedForLastStays() throws {
        let memory = EvidenceMemory(limit: 40_000)
        for number in 1...3 { memory.keep(Self.evidence(10_000), try Self.key(number)) }
        #expect(memory.evidence(try Self.key(1)) != nil)
        memory.keep(Self.evidence(10_000), try Self.key(4))
        func kept() throws -> [Int] { try (1...9).filter { memory.evidence(try Self.key($0)) != nil } }
        #expect(try kept() == [1, 3, 4])
        // Another document with it makes it another.
        #expect(memory.evidence(try Self.key(1, referrers: [5])) == nil)
        // The same again takes no more room, and what alone is too much takes it all.
        for _ in 0..<9 { memory.keep(Self.evidence(10_000), try Self.key(1)) }
        #expect(try kept() == [1, 3, 4])
        memory.keep(Self.evidence(1_000_000), try Self.key(5))
        #expect(try kept() == [5])
        memory.keep(Self.evidence(1), try Self.key(6))
        #expect(try kept() == [6])
    }

    @Test func documentsAreReadOnceAndAgainOnceTheyAreThere() async throws {
        try await Scratch.with { folder in
            let site = try CatalogueSite(folder)
            let records = RecordService(environments: site.environments, database: site.database)
            func packages() async throws -> [String]? {
                let record = try await records.record(of: try ReleaseReference(parsing: "lab/tool:1.0"))
                return try await records.evidence(of: record).packages?.map(\.name)
            }
            try await site.publish("lab/tool:1.0", packages: [("bwa", "1")])
            let release = try await site.catalogue.resolve(try ReleaseReference(parsing: "lab/tool:1.0"))
            let bill = try await site.catalogue.artifact("sbom", of: try ReleaseReference(parsing: "lab/tool:1.0"))
            let bytes = try await site.content.data(bill.digest, limit: 1 << 20)
            try await site.content.remove(bill.digest)
            #expect(try await packages() == nil)
            _ = try await site.content.put(bytes)
            #expect(try await packages() == ["bwa"])
            try await site.content.remove(bill.digest)
            #expect(try await packages() == ["bwa"])
            // Of what is revoked nothing is told, whatever is remembered.
            try await site.catalogue.revoke(
                ReleaseReference(name: release.name, selector: "1.0"), reason: "wrong")
            #expect(try await packages() == nil)
        }
    }
}
