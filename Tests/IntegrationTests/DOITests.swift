import Foundation
import Glibc
import RucheCore
import RucheHost
import SystemPackage
import Testing

/// DOIs through a service that speaks as DataCite's does: a process of its own, which can be out of order.
@Suite struct DOITests {
    private struct Agency: Sendable {
        let folder: FilePath
        let pid: Int32
        let port: String

        static func start(_ fixture: RucheFixture) async throws -> Agency {
            let folder = fixture.folder.appending("agency")
            try FileTree.makeFolder(folder)
            try AtomicFile.write(Array("ok".utf8), to: folder.appending("mode"))
            let script = try #require(Bundle.module.path(forResource: "doi-agency", ofType: "py"))
            let line = try await fixture.runner.runChecked(
                Command(
                    "/bin/sh",
                    ["-c", "python3 \"$1\" \"$2\" >\"$2/output\" 2>&1 & echo $!", "sh", script, folder.string])
            ).output
            let pid = try #require(Int32(line.filter(\.isNumber)))
            try await eventually(within: .seconds(60), "the agency answers") {
                FileTree.exists(folder.appending("port"))
            }
            return Agency(folder: folder, pid: pid, port: try read(folder, "port"))
        }

        static func read(_ folder: FilePath, _ name: String) throws -> String {
            let path = folder.appending(name)
            return FileTree.exists(path) ? String(decoding: try AtomicFile.read(path), as: UTF8.self) : ""
        }

        func set(_ mode: String) throws { try AtomicFile.write(Array(mode.utf8), to: folder.appending("mode")) }
        func log() throws -> String { try Self.read(folder, "log") }
        /// What it has, by DOI.
        func dois() throws -> [String: JSONValue] {
            let text = try Self.read(folder, "dois.json")
            return text.isEmpty ? [:] : try JSONText.whole([String: JSONValue].self, text)
        }
        func end() { kill(pid, SIGKILL) }
    }

    private static func with(_ body: (RucheFixture, Agency) async throws -> Void) async throws {
        try await RucheFixture.with { fixture in
            let agency = try await Agency.start(fixture)
            defer { agency.end() }
            try fixture.write("secret", "correct-horse-9\n")
            chmod(fixture.folder.appending("secret").string, 0o600)
            try fixture.write(
                ".config/ruche/config.yaml",
                """
                public_url: https://ruche.example.org
                doi_url: http://127.0.0.1:\(agency.port)
                doi_prefix: "10.5072"
                doi_account: LAB.RUCHE
                doi_password_file: \(fixture.folder)/secret

                """)
            try await fixture.buildBusybox(name: "lab/tool", extra: "license: MIT\nauthors: [{name: Ada}]")
            try await body(fixture, agency)
        }
    }

    private static func shown(_ fixture: RucheFixture) async throws -> String {
        try await fixture.ruche("image", "doi", "lab/tool:1.0.0").output
    }

    @Test func aDOIIsRegisteredOnceThroughFailuresAndAKill() async throws {
        try await Self.with { fixture, agency in
            var served = try await ServedProcess.start(fixture)
            let refused = try await fixture.ruche("image", "doi", "lab/tool:1.0.0", "--publish", code: 4)
            #expect(refused.errorTail.contains("private"), "\(refused.errorTail)")
            try await fixture.ruche("env", "set", "lab/tool", "--public")

            try agency.set("down")
            try await fixture.ruche("image", "doi", "lab/tool:1.0.0", "--draft")
            try await eventually(within: .seconds(60), "the failure is told") {
                try await Self.shown(fixture).contains("503")
            }
            #expect(try await !Self.shown(fixture).contains("correct-horse"))
            #expect(try !served.log().contains("correct-horse"))

            try agency.set("hang")
            try await eventually(within: .seconds(60), "the agency has it") { try !agency.dois().isEmpty }
            try await served.end(SIGKILL)
            try agency.set("ok")
            served = try await ServedProcess.start(fixture)
            try await eventually(within: .seconds(60), "it is a draft") {
                try await Self.shown(fixture).contains(/registered +draft/)
            }
            let log = try agency.log()
            #expect(log.components(separatedBy: "POST").count == 2, "made once: \(log)")
            let page = try await fixture.curl("/lab/tool/1.0.0")
            #expect(!page.contains("10.5072/"), "a draft is not told")

            try await fixture.ruche("image", "doi", "lab/tool:1.0.0", "--publish")
            try await eventually(within: .seconds(60), "it is findable") {
                try await Self.shown(fixture).contains(/registered +findable/)
            }
            try await Self.checkFindable(fixture, agency)
            try await served.end()
        }
    }

    private static func checkFindable(_ fixture: RucheFixture, _ agency: Agency) async throws {
        let dois = try agency.dois()
        let (doi, record) = try #require(dois.first)
        #expect(dois.count == 1 && record["url"] == "https://ruche.example.org/lab/tool/1.0.0", "\(dois)")
        #expect(record["publisher"]?["name"] == "Ruche" && record["version"] == "1.0.0")
        let page = try await fixture.curl("/lab/tool/1.0.0")
        #expect(page.contains("https://doi.org/\(doi)"), "\(page)")
        let head = try await fixture.curl("/lab/tool/1.0.0", "-I")
        #expect(head.contains("<https://doi.org/\(doi)>; rel=\"cite-as\""), "\(head)")
        try await fixture.ruche("image", "doi", "lab/tool:1.0.0", "--draft", code: 4)

        try await fixture.ruche("env", "set", "lab/tool", "--summary", "Another summary")
        try await eventually(within: .seconds(60), "the change is told") {
            try "\(agency.dois())".contains("Another summary")
        }
        try await fixture.ruche("image", "revoke", "lab/tool:1.0.0", "--reason", "wrong")
        try await eventually(within: .seconds(60), "it is hidden") {
            try agency.dois()[doi]?["state"] == "registered"
        }
        #expect(try await shown(fixture).contains(doi))
    }

    private static func makeFindable(_ fixture: RucheFixture) async throws {
        try await fixture.ruche("env", "set", "lab/tool", "--public")
        try await fixture.ruche("image", "doi", "lab/tool:1.0.0", "--publish")
        try await eventually(within: .seconds(60), "it is findable") {
            try await shown(fixture).contains(/registered +findable/)
        }
    }

    @Test func theDOIOfWhatWasRemovedIsHiddenAndIsNeverOfSomethingElse() async throws {
        try await Self.with { fixture, agency in
            let served = try await ServedProcess.start(fixture)
            try await Self.makeFindable(fixture)
            let (doi, before) = try #require(try agency.dois().first)
            try await fixture.ruche("release", "rm", "lab/tool:1.0.0")
            try await eventually(within: .seconds(60), "it is hidden") {
                try agency.dois()[doi]?["state"] == "registered"
            }
            #expect(try agency.dois()[doi]?["titles"] == before["titles"])
            try await fixture.buildBusybox(name: "lab/tool", job: "echo other", extra: "license: MIT")
            #expect(try await !fixture.curl("/lab/tool/1.0.0").contains(doi))
            try await fixture.ruche("image", "doi", "lab/tool:1.0.0", "--publish")
            try await eventually(within: .seconds(60), "the other has one of its own") {
                try agency.dois().filter { $0.key != doi && $0.value["state"] == "findable" }.count == 1
            }
            #expect(try agency.dois()[doi]?["state"] == "registered")
            #expect(try await !fixture.curl("/lab/tool/1.0.0").contains(doi))
            try await served.end()
        }
    }

    @Test func theDOIOfWhatWasRemovedAsPrivateIsHidden() async throws {
        try await Self.with { fixture, agency in
            let served = try await ServedProcess.start(fixture)
            try await Self.makeFindable(fixture)
            try await fixture.ruche("env", "set", "lab/tool", "--private")
            try await fixture.ruche("release", "rm", "lab/tool:1.0.0")
            try await eventually(within: .seconds(60), "it is hidden") {
                try agency.dois().values.first?["state"] == "registered"
            }
            try await served.end()
        }
    }

    @Test func settingsThatDoNotFitAreRefused() async throws {
        try await RucheFixture.with { (fixture) async throws in
            func refusal(_ text: String) async throws -> String {
                try fixture.write(".config/ruche/config.yaml", text)
                return try await fixture.run("config", "show").errorTail
            }
            #expect(try await refusal("doi_url: http://example.org\n").contains("https://"))
            #expect(try await refusal("doi_url: https://example.org\n").contains("doi_prefix is missing"))
            #expect(try await refusal("naan: abc\n").contains("naan"))
            #expect(try await refusal("public_url: https://example.org/path\n").contains("no path"))
            #expect(try await refusal("admin_email: nobody\n").contains("admin_email"))
        }
    }
}
