import Foundation
import RucheBuild
import RucheCore
import RucheImages
import Support
import SystemPackage
import Testing

@testable import RucheService

/// What is read of the documents with a release, also of those that are none.
@Suite struct ReleaseEvidenceTests {
    /// The evidence of a release with these documents.
    private func evidence(_ documents: KeyValuePairs<ArtifactKind, String>) async throws -> ReleaseEvidence {
        try await Scratch.with { folder in
            let content = try FileContentStore(folder: folder.appending("content"))
            let assembler = ReleaseAssembler(store: content)
            let name = try #require(EnvironmentName("lab/tool"))
            let version = try #require(ReleaseVersion("1.0.0"))
            let (subject, index) = try await assembler.index(name: name, version: version, manifests: [])
            var referrers: [Descriptor] = []
            for (kind, text) in documents {
                referrers.append(
                    try await assembler.artifact(
                        type: kind.mediaType, payload: [(Array(text.utf8), kind.mediaType, kind.rawValue)],
                        subject: subject))
            }
            let release = Release(
                name: name, version: version, digest: subject.digest, index: index, referrers: referrers,
                publishedAt: 1)
            return try await ReleaseReader(content: content).evidence(of: release)
        }
    }

    private static func bill(_ packages: [String]) -> String {
        """
        {"packages": [{"SPDXID": "SPDXRef-env", "name": "lab/tool"}, \(packages.joined(separator: ","))],
         "relationships": [{"relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-env"}]}
        """
    }

    @Test func packagesHaveTheirLicenceWhereItIsKnown() async throws {
        let found = try await evidence([
            .sbom: Self.bill([
                #"{"SPDXID": "b", "name": "b", "versionInfo": "2", "licenseConcluded": "NOASSERTION", "licenseDeclared": "MIT"}"#,
                #"{"SPDXID": "a", "name": "a", "licenseConcluded": "GPL-2.0-only", "licenseDeclared": "MIT"}"#,
                #"{"SPDXID": "c", "name": "c", "licenseConcluded": "NONE", "licenseDeclared": "NOASSERTION"}"#,
            ])
        ])
        #expect(found.packages?.map(\.name) == ["a", "b", "c"] && found.packageCount == 3)
        #expect(found.packages?.map(\.license) == ["GPL-2.0-only", "MIT", nil])
    }

    @Test func longListsAreCutAndCounted() async throws {
        let files = (0..<700).map { "\"f\($0)\": \"sha256:\(String(repeating: "ab", count: 32))\"" }
        let found = try await evidence([
            .sbom: Self.bill((0..<700).map { "{\"SPDXID\": \"p\($0)\", \"name\": \"p\($0)\"}" }),
            .lock: """
            {"schema": 1, "architecture": "amd64", "base": {"reference": "scratch", "layers": []}, "apt": {},
             "pip": {}, "files": {\(files.joined(separator: ","))}}
            """,
        ])
        #expect(found.packageCount == 700 && found.packages?.count == ReleaseEvidence.listLimit)
        #expect(found.sourceCount == 700 && found.sources.count == ReleaseEvidence.listLimit)
        #expect(found.lock != nil && found.sources.first?.path == "f0")
    }

    @Test(arguments: ["", "[]", "{}", #"{"packages": [{"name": 7}]}"#, "\u{FEFF}<xml/>", #"{"steps": null}"#])
    func whatIsNoDocumentIsLeftOut(text: String) async throws {
        let found = try await evidence([.sbom: text, .lock: text, .provenance: text])
        #expect(found.packages == nil && found.provenance == nil && found.sources.isEmpty)
    }

    @Test func ofSeveralOfAKindTheFirstIsTold() async throws {
        let found = try await evidence([
            .lock: "1", .sbom: Self.bill([#"{"SPDXID": "a", "name": "a"}"#]), .lock: "2",
            .sbom: Self.bill([#"{"SPDXID": "b", "name": "b"}"#]), .sbom: "{}",
        ])
        #expect(found.packages?.map(\.name) == ["a"] && found.packageCount == 1)
        #expect(found.lock == StreamHasher.digest(of: Array("1".utf8)))
    }

    @Test func aBillThatIsTooLargeForAPageIsOnlyLinked() async throws {
        let found = try await evidence([.sbom: Self.bill([]) + String(repeating: " ", count: 17 << 20)])
        #expect(found.packages == nil)
    }
}
