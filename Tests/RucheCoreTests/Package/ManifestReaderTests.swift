import RucheCore
import Testing

@Suite struct ManifestReaderTests {
    static let lxd = PackageContents(files: [
        "manifest.json", "lxc_image.tar.gz", "form.json", "LICENSE", "doc/icon.png", "doc/prez.html",
    ])
    static let docker = PackageContents(files: [
        "manifest.json", "Dockerfile", "form.json", "doc/about.html", "doc/icon.jpg", "README",
    ])

    func read(_ text: String, _ contents: PackageContents = lxd) -> ManifestReader.Reading {
        ManifestReader.manifest(text, file: "manifest.json", contents: contents, owner: "lab")
    }

    func texts(_ findings: [PackageFinding], _ severity: PackageFinding.Severity) -> [String] {
        findings.filter { $0.severity == severity }.map { "\($0.problem)" }
    }

    @Test func readsAnArchiveWithAnLXDImage() throws {
        let reading = read(
            """
            {"name": "My Pipeline", "version": "1.0", "description": "Calls things.\\nSlowly.", "type": "lxd",
             "job": "/pipeline/job/run.sh", "inputs": "/pipeline/inputs", "db": "/pipeline/db/", "license": "AGPLv3",
             "developpers": ["Ada", "Grace"], "api": "pirus.1",
             "documents": {"form": "form.json", "icon": "doc/icon.png", "presentation": "doc/prez.html",
                           "help": "doc/help.html"}}
            """)
        let manifest = try #require(reading.manifest)
        #expect(manifest.dialect == .lxdArchive)
        #expect((manifest.name.description, manifest.version.description) == ("lab/my-pipeline", "1.0"))
        #expect((manifest.summary, manifest.kind) == ("Calls things.", .job))
        #expect(manifest.authors.map(\.name) == ["Ada", "Grace"])
        #expect((manifest.job, manifest.databases) == ("/pipeline/job/run.sh", "/pipeline/db"))
        #expect((manifest.outputs, manifest.logs) == ("/pipeline/outputs", "/pipeline/logs"))
        #expect(manifest.form == "form.json")
        #expect(manifest.documents == [.icon: "doc/icon.png", .about: "doc/prez.html", .license: "LICENSE"])
        let warnings = texts(reading.findings, .warning)
        #expect(warnings.count == 1 && warnings[0].contains("doc/help.html"), "\(warnings)")
        let notes = texts(reading.findings, .note).joined(separator: "\n")
        for part in ["developpers: is read as", "db: is read as", "lab/my-pipeline", "/pipeline/db/", "api: has no"] {
            #expect(notes.contains(part), "\(part) in \(notes)")
        }
    }

    @Test func readsAnArchiveWithADockerfile() throws {
        let reading = read(
            """
            {"name": "VEP", "version": "v89.4+x", "type": "job", "contacts": [["Ada", "ada@example.org"]],
             "regovar_db_access": False, "inputs": "/regovar/inputs/", "outputs": "/regovar/outputs/",
             "logs": "/regovar/logs/", "databases": "/regovar/databases/",}
            """, Self.docker)
        let manifest = try #require(reading.manifest)
        #expect((manifest.dialect, manifest.job, manifest.version.description) == (.dockerfile, nil, "89.4-x"))
        #expect((manifest.inputs, manifest.databases) == ("/regovar/inputs", "/regovar/databases"))
        #expect(manifest.authors == [Recipe.Author(name: "Ada", email: "ada@example.org")])
        #expect(manifest.documents == [.about: "doc/about.html", .icon: "doc/icon.jpg", .readme: "README"])
        #expect(texts(reading.findings, .warning).count == 2)
    }

    @Test func readsTheBlockOfAnLXDImageAsYAMLAndAsJSON() throws {
        let contents = PackageContents(files: ["metadata.yaml", "rootfs/pipeline/form.json", "rootfs/doc/logo.png"])
        let yaml = """
            architecture: x86_64
            creation_date: 1496000000
            pirus:
              name: TestUnitaire
              version: 1.0
              run: /pipeline/run/run.sh
              documents: [/pipeline/form.json, /wrong/file/failed.test, /doc/logo.png]
            """
        let json = """
            {"architecture": "x86_64", "pirus": {"name": "TestUnitaire", "version": "1.0",
             "job": "/pipeline/run/run.sh",
             "documents": ["/pipeline/form.json", "/wrong/file/failed.test", "/doc/logo.png"],}}
            """
        for text in [yaml, json] {
            let reading = ManifestReader.metadata(text, file: "metadata.yaml", contents: contents, owner: "local")
            let manifest = try #require(reading.manifest, "\(reading.findings)")
            #expect(manifest.dialect == .lxdImage)
            #expect((manifest.job, manifest.architecture) == ("/pipeline/run/run.sh", "amd64"))
            #expect(manifest.form == "rootfs/pipeline/form.json")
            #expect(manifest.documents == [.icon: "rootfs/doc/logo.png"])
            #expect(texts(reading.findings, .warning).contains { $0.contains("/wrong/file/failed.test") })
        }
    }

    @Test func bothMeaningsOfTypeAreTold() {
        let both = PackageContents(files: ["manifest.json", "Dockerfile", "lxc_image.tar.gz"])
        func dialect(_ type: String) -> PackageDialect? {
            read(#"{"name": "a", "version": "1", "job": "/run", "type": "\#(type)"}"#, both).manifest?.dialect
        }
        #expect(dialect("lxd") == .lxdArchive)
        #expect(dialect("job") == .dockerfile)
        #expect(dialect("importer") == .dockerfile)
        let wrong = read(#"{"name": "a", "version": "1", "job": "/run", "type": "exportre"}"#)
        #expect(wrong.manifest == nil)
        #expect(texts(wrong.findings, .error).first?.contains("did you mean \"exporter\"?") == true)
    }

    @Test(arguments: [
        (#"{"version": "1", "job": "/run"}"#, "name: required key is missing"),
        (#"{"name": "a", "version": "1"}"#, "job: required key is missing"),
        (#"{"name": "日本", "version": "1", "job": "/run"}"#, "nothing of it can be the name"),
        (#"{"name": "a", "version": "1", "job": "/run 'x"}"#, "can't be split"),
        (#"{"name": "a", "version": "1", "job": "/run", "inputs": "in"}"#, "inputs: is not valid"),
        (#"{"name": "a", "version": "1", "job": "/run", "inputs": "/a/../b"}"#, "inputs: is not valid"),
        (#"{"name": "a", "version": "1", "job": "/run", "logs": "/"}"#, "logs: is not valid"),
        (#"{"name": "a", "version": "1", "job": "/run", "logs": "/proc/x"}"#, "logs: is not valid"),
        (#"{"name": "a", "version": "1", "job": "/run", "logs": "/pipeline/outputs/l"}"#, "in or around outputs"),
        (#"{"name": ["a"], "version": "1", "job": "/run"}"#, "name: has the wrong type"),
        (#"{"name": "a", "version": "1", "job": "/run", "documents": {"icon": "../../etc/passwd"}}"#, "is not valid"),
        (#"["name"]"#, "has the wrong type"), ("{\"name\": }", "not valid JSON"), ("", "not valid JSON"),
    ])
    func refuses(text: String, reason: String) {
        let reading = read(text)
        #expect(reading.manifest == nil)
        let errors = texts(reading.findings, .error)
        #expect(errors.contains { $0.contains(reason) && $0.hasPrefix("manifest.json:") }, "\(errors)")
    }

    @Test func aDockerfileWithoutVersionIsRefusedAndAnLXDImageWithoutOneIsNot() {
        #expect(read(#"{"name": "a"}"#, Self.docker).manifest == nil)
        let reading = read(#"{"name": "a", "job": "/run"}"#)
        #expect(reading.manifest?.version.description == "0.0.0")
    }

    @Test func unknownKeysAreToldWithTheNearestOne() {
        let reading = read(#"{"name": "a", "version": "1", "job": "/run", "ouputs": "/x"}"#)
        #expect(reading.manifest != nil)
        #expect(texts(reading.findings, .warning).contains { $0.contains("did you mean \"outputs\"?") })
    }

    @Test func aJobWithSignsOfAShellRunsInOne() throws {
        let manifest = try #require(
            read(#"{"name": "a", "version": "1", "job": "cd /x && ./run 'a b' > /y"}"#).manifest)
        #expect(ShellWords.split(manifest.job ?? "") == ["/bin/sh", "-c", "cd /x && ./run 'a b' > /y"])
    }

    @Test func aFormIsReadWithPatienceAndKeepsItsOrder() throws {
        let text = """
            {"$schema": "http://json-schema.org/draft-03/schema#", "type": "object", "properties": {
              "zeta": {"type": "integer", "minimum": 1, "default": 2, "tooltip": "x",},
              "alpha": {"enum": ["a", "b"] "default": "a", "required": True},
              "ref": {"type": "string", "enum": "__PIRUS_DB_ALL__"}}}
            """
        let read = PackageForm.read(text, file: "form.json")
        #expect(read.form?.fields.map(\.key) == ["zeta", "alpha", "ref"])
        #expect(read.findings.count == 4 && read.findings.errors == [])
        let again = Form.parse(read.text ?? "", file: "form.json")
        #expect(again.form == read.form && again.problems == [])
        #expect(PackageForm.read("\n", file: "form.json").form == Form())
        #expect(PackageForm.read(#"{"a": {"type": "integer", "default": "x"}}"#, file: "f").findings.errors.count == 1)
    }

    @Test(arguments: [
        ("1.0.0", "1.0.0"), ("v2", "2"), ("1.0+3", "1.0-3"), ("1.0 beta", "1.0-beta"), ("beta", "0-beta"), ("é", nil),
        ("2018.05.01_x", "2018.05.01-x"),
    ])
    func mapsVersions(text: String, expected: String?) {
        #expect(PackageNaming.version(text)?.description == expected)
    }
}
