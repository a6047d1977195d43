import Foundation
import RucheBuild
import RucheCore
import RucheImages
import Testing

@testable import RucheServer
@testable import RucheService

/// What a page shows of the documents with a release. Anybody who may publish can have written them.
@Suite struct LandingPageTests {
    private static let digest = Digest(hex: String(repeating: "a1", count: 32))
    private static let hostile = "x</bdi></td><script>alert('1')</script>\u{202E}&\u{0}\""

    private static func page(
        revoked: Bool = false, _ change: (inout ReleaseEvidence) throws -> Void
    ) throws -> String {
        let name = try #require(EnvironmentName("lab/tool"))
        let ark = ARK(naan: ARK.testNAAN, stem: "r1abc")
        var record = CatalogueRecord(
            name: name, ark: ark, environmentARK: ark, createdAt: 0, publishedAt: 0, modifiedAt: 0)
        record.version = ReleaseVersion("1.0.0")
        if revoked { record.revocation = Revocation(reason: "wrong", at: 1) }
        for kind in [ArtifactKind.sbom, .lock, .recipe, .provenance] {
            record.files.append(
                RecordFile(place: .document(kind), name: kind.rawValue, format: "document", mediaType: kind.mediaType))
        }
        var evidence = ReleaseEvidence()
        try change(&evidence)
        let view = RecordView(record: record, site: RecordConfiguration(), origin: "https://example.org")
        return LandingPage(view: view, evidence: evidence).page.markup.text
    }

    private static func provenance(_ text: String, steps: Int = 1) throws -> Provenance {
        let digest = try #require(Self.digest)
        return Provenance(
            startedAt: "2026-11-29T10:00:00Z", finishedAt: text, base: .init(reference: text, layers: [digest]),
            tools: [text: text], kernel: text, architecture: "amd64",
            steps: (0..<steps).map {
                Provenance.Step(title: "\(text) \($0)", digest: digest, seconds: 1, reused: false)
            })
    }

    @Test func packagesAreATableWithWhatIsKnownOfThem() throws {
        let page = try Self.page {
            $0.packages = [
                SoftwarePackage(name: "bwa", version: "0.7.17-7", license: "GPL-3.0-only"),
                SoftwarePackage(name: "zlib1g", version: "1:1.2"),
            ]
            $0.packageCount = 2
        }
        #expect(page.contains("lists 2 packages") && page.contains("<summary>The packages</summary>"), "\(page)")
        #expect(
            page.contains(
                "<th scope=\"row\"><bdi>bwa</bdi></th><td><bdi>0.7.17-7</bdi></td><td><bdi>GPL-3.0-only</bdi></td>"))
        #expect(page.contains("<bdi>1:1.2</bdi></td><td>not known</td>"))
        #expect(page.contains("https://example.org/api/v1/releases/lab/tool/1.0.0/artifacts/sbom"))
    }

    @Test func aLongListEndsWithTheWayToTheWhole() throws {
        let page = try Self.page {
            $0.packages = (0..<ReleaseEvidence.listLimit).map { SoftwarePackage(name: "package\($0)", version: "1") }
            $0.packageCount = 70_000
        }
        #expect(page.contains("lists 70000 packages") && page.contains("<summary>The first 500 packages</summary>"))
        #expect(page.contains("These are the first 500: <a href=\"https://example.org/api/v1/releases/"))
        #expect(page.components(separatedBy: "<bdi>package").count == 501)
    }

    @Test func nothingOfADocumentIsMarkup() throws {
        let long = String(repeating: "long", count: 100_000)
        let page = try Self.page {
            $0.packages = [
                SoftwarePackage(name: Self.hostile, version: Self.hostile, license: Self.hostile),
                SoftwarePackage(name: long, version: long),
                // One letter.
                SoftwarePackage(name: "e" + String(repeating: "\u{301}", count: 1 << 20), version: "1"),
            ]
            $0.packageCount = 3
            $0.provenance = try Self.provenance(Self.hostile)
            $0.sources = [(path: Self.hostile, digest: try #require(Self.digest))]
            $0.sourceCount = 1
        }
        #expect(!page.contains("<script>alert") && !page.contains("x</bdi></td>") && !page.contains("\u{0}"), "\(page)")
        #expect(page.contains("<bdi>x&lt;/bdi&gt;&lt;/td&gt;&lt;script&gt;"))
        #expect(page.contains("<bdi>\(long.prefix(200))…</bdi>"))
        #expect(page.utf8.count < 40_000, "\(page.utf8.count) bytes")
        // What is no time is not told as one.
        #expect(page.contains("<time datetime=\"2026-11-29T10:00:00+00:00\">") && !page.contains("datetime=\"x"))
    }

    @Test func provenanceNamesBuilderSourcesBaseAndTime() throws {
        let digest = try #require(Self.digest)
        let page = try Self.page {
            $0.provenance = try Self.provenance("debian:bookworm", steps: 600)
            ($0.recipe, $0.lock) = (digest, digest)
            $0.sources = [(path: "job/run.sh", digest: digest)]
            $0.sourceCount = 1
        }
        for text in [
            "How it was made", "<dt>Base</dt><dd><bdi>debian:bookworm</bdi>", "<dt>Builder</dt>", "<dt>Recipe</dt>",
            "<dt>Lock</dt>", "<summary>1 file</summary>", "<bdi>job/run.sh</bdi> <code>\(digest)</code>",
            "<summary>600 steps</summary>", "These are the first 500: <a href=",
            "artifacts/provenance\">The whole record of the build</a>",
        ] { #expect(page.contains(text), "\(text)\n\(page)") }
    }

    @Test func withoutDocumentsThereIsNoSection() throws {
        let page = try Self.page { _ in }
        #expect(!page.contains("id=\"software\"") && !page.contains("id=\"provenance\""))
    }
}
