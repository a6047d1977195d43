import Foundation
import RucheCore
import Support
import SystemPackage
import Testing

/// What harvesters are told of releases, and what stays of those that were removed.
@Suite struct RecordHarvestTests {
    private static let deleted = "status=\"deleted\"><identifier>oai:127.0.0.1:lab/tool:1.0.0<"

    @Test func aHarvestedRecordSaysWhatItsPageSays() async throws {
        try await RecordTests.with { site in
            try await site.fixture.buildBusybox(
                name: "lab/tool", version: "1.2.0", job: "echo most", extra: RecordTests.profile)
            let list = try await site.curl("/oai?verb=ListRecords&metadataPrefix=datacite")
            for version in ["1.0.0", "1.1.0", "1.2.0"] {
                let own = try await site.curl("/lab/tool/\(version)/metadata/datacite.xml")
                let start = try #require(own.range(of: "<resource"))
                let element = own[start.lowerBound...].trimmingCharacters(in: .whitespacesAndNewlines)
                #expect(list.contains(element), "\(element)\n\(list)")
                let one = try await site.curl(
                    "/oai?verb=GetRecord&metadataPrefix=datacite&identifier=oai:127.0.0.1:lab/tool:\(version)")
                #expect(one.contains(element), "\(one)")
            }
            // The one in the middle has a neighbour on each side, the others one.
            #expect(list.components(separatedBy: "IsNewVersionOf").count == 3)
            #expect(list.components(separatedBy: "IsPreviousVersionOf").count == 3)
            try await site.fixture.ruche("image", "remove", "lab/tool:1.1.0")
            let rest = try await site.curl("/oai?verb=ListRecords&metadataPrefix=oai_dc")
            #expect(rest.components(separatedBy: "<metadata>").count == 3, "\(rest)")
        }
    }

    @Test func whatWasRemovedStillSaysWhatItWas() async throws {
        try await RecordTests.with { site in
            let fixture = site.fixture
            try await fixture.buildBusybox(name: "lab/own", job: "echo own", extra: RecordTests.profile)
            let token = "Authorization: Bearer \(site.network.token)"
            let (old, own) = (
                try await site.identifier("lab/tool/1.0.0"), try await site.identifier("lab/own/1.0.0", token)
            )
            try await fixture.ruche("release", "rm", "lab/tool:1.0.0")
            try await fixture.ruche("release", "rm", "lab/own:1.0.0")

            for path in ["/\(old)", "/\(old)?info", "/lab/tool/1.0.0", "/api/v1/identifiers/\(old.dropFirst(5))"] {
                #expect(try await site.status(path) == "410", "\(path)")
            }
            let page = try await site.curl("/\(old)", "-H", "Accept: text/html")
            for text in ["<!DOCTYPE html>", "lab/tool 1.0.0", "It was removed on 20", "&lt;script&gt;", "sha256:"] {
                #expect(page.contains(text), "\(text): \(page)")
            }
            #expect(!page.contains("<script>"))
            #expect(try await site.harvest().contains(Self.deleted))
            let one = "/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:127.0.0.1:lab/tool:1.0.0"
            #expect(try await site.curl(one).contains(Self.deleted))
            // Of what nobody else saw, nothing stays, for nobody.
            for path in ["/\(own)", "/lab/own/1.0.0"] {
                #expect(try await site.status(path, "-H", token) == "404", "\(path)")
            }
            #expect(try await !site.harvest().contains("lab/own"))

            // Private since: so is this.
            try await fixture.ruche("env", "set", "lab/tool", "--private")
            #expect(try await site.status("/\(old)") == "404")
            #expect(try await site.status("/\(old)", "-H", token) == "410")
            #expect(try await !site.harvest().contains("lab/tool"))
            try await fixture.ruche("env", "set", "lab/tool", "--public")
            try await fixture.ruche("catalogue", "rebuild")
            #expect(try await site.status("/\(old)") == "410")
        }
    }

    @Test func anIdentifierOfWhatWasRemovedIsNeverOfSomethingElse() async throws {
        try await RecordTests.with { site in
            let fixture = site.fixture
            let old = try await site.identifier("lab/tool/1.0.0")
            try await fixture.ruche("release", "rm", "lab/tool:1.0.0")
            // Something else under the same version has another identifier; the same again has its own.
            try await fixture.buildBusybox(
                name: "lab/tool", version: "1.0.0", job: "echo other", extra: RecordTests.profile)
            #expect(try await site.identifier("lab/tool/1.0.0") != old)
            #expect(try await site.status("/\(old)") == "410")
            #expect(try await !site.harvest().contains(Self.deleted))
            try await fixture.ruche("release", "rm", "lab/tool:1.0.0")
            #expect(try await site.harvest().components(separatedBy: "lab/tool:1.0.0<").count == 2)
            try await fixture.buildBusybox(name: "lab/tool", version: "1.0.0", extra: RecordTests.profile)
            #expect(try await site.identifier("lab/tool/1.0.0") == old)
            #expect(try await site.status("/\(old)") == "302")
            try await fixture.ruche("catalogue", "rebuild")
            #expect(try await site.status("/\(old)") == "302")

            for version in ["1.0.0", "1.1.0"] { try await fixture.ruche("release", "rm", "lab/tool:\(version)") }
            try await fixture.ruche("env", "rm", "lab/tool")
            #expect(try await site.status("/\(old)") == "410")
            #expect(try await site.harvest().contains(Self.deleted))
        }
    }

    @Test func harvestersAreToldWhatIsWrong() async throws {
        try await RecordTests.with { site in
            let cases = [
                ("", "badVerb"), ("verb=None", "badVerb"), ("verb=Identify&verb=Identify", "badVerb"),
                ("verb=Identify&x=1", "badArgument"), ("verb=ListRecords", "badArgument"),
                ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
                ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
                ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-02-31", "badArgument"),
                ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01&until=2023-01-01", "badArgument"),
                (
                    "verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01&until=2024-01-01T00:00:00Z", "badArgument"
                ),
                ("verb=ListRecords&metadataPrefix=oai_dc&until=2001-01-01", "noRecordsMatch"),
                ("verb=ListRecords&metadataPrefix=oai_dc&set=nobody", "noRecordsMatch"),
                ("verb=ListRecords&metadataPrefix=none", "cannotDisseminateFormat"),
                ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:x:%3Cscript%3E", "idDoesNotExist"),
                ("verb=ListRecords&resumptionToken=%22%3E%3Cx", "badResumptionToken"),
                ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
                ("verb=ListRecords&resumptionToken=x&metadataPrefix=oai_dc", "badArgument"),
            ]
            for (query, code) in cases {
                for answer in [
                    try await site.curl("/oai?\(query)"), try await site.curl("/oai", "--data", query),
                ] {
                    #expect(answer.contains("code=\"\(code)\""), "\(query): \(answer)")
                    let file = try site.fixture.write("answer.xml", answer)
                    try await site.fixture.tool(
                        "python3", "-c", "import sys,xml.dom.minidom as m; m.parse(sys.argv[1])", file.string)
                }
            }
        }
    }
}

extension RecordTests.Site {
    fileprivate func harvest() async throws -> String {
        try await curl("/oai?verb=ListRecords&metadataPrefix=datacite")
    }
}
