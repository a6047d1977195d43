import Glibc
import RucheCore
import RucheHost
import RucheWire
import Support
import SystemPackage
import Testing

/// How packages come into the catalogue, and what a kill in the middle leaves.
@Suite(.enabled(if: BusyboxRoot.isUsable)) struct PipelineInstallTests {
    /// A package with a Dockerfile over a base of the catalogue, and a form of one byte.
    private func dockerPackage(_ fixture: RucheFixture, run: String = "true") async throws -> FilePath {
        let root = try await fixture.pirusRoot("base", job: "true")
        try await fixture.tool("tar", "-cf", fixture.folder.appending("base.tar").string, "-C", root.string, ".")
        try await fixture.ruche(
            "image", "import", fixture.folder.appending("base.tar").string, "--as", "lab/base:1.0", "--format",
            "rootfs-tar")
        try fixture.write(
            "docker/manifest.json",
            """
            {"name": "VEP", "version": "89.4", "type": "job", "contacts": [["Ada", "ada@example.org"]],
             "inputs": "/regovar/inputs/", "outputs": "/regovar/outputs/", "logs": "/regovar/logs/",
             "databases": "/regovar/databases/", "regovar_db_access": False,}
            """)
        try fixture.write("docker/form.json", "\n")
        try fixture.write("docker/doc/about.html", "<p>About</p>")
        try fixture.write(
            "docker/Dockerfile",
            "FROM lab/base:1.0\nCOPY run.sh /regovar/run.sh\nRUN echo built-here && \(run)\n"
                + "CMD [\"/bin/sh\", \"/regovar/run.sh\"]\n")
        try fixture.write("docker/run.sh", "cat /regovar/inputs/a.txt >/regovar/outputs/copy.txt\nid -u\n")
        return try await fixture.zip("docker", to: "VEP_v89.4.zip", withFolder: false)
    }

    private func installAndRun(_ package: FilePath, _ fixture: RucheFixture) async throws {
        let install = try await fixture.ruche("pipeline", "install", package.string, "--owner", "lab")
        #expect(install.output.contains("installed lab/vep:89.4") && install.output.contains("the form is empty"))
        let again = try await fixture.ruche("pipeline", "install", package.string, "--owner", "lab")
        #expect(again.output.contains("was installed before"))
        let input = try fixture.write("a.txt", "content")
        let result = try await fixture.ruche("run", "lab/vep", "--json", "--input", input.string)
        let job = try JSONText.lastLine(JobDocument.self, result.output)
        #expect(job.state == .succeeded && job.outputs.map(\.path) == ["copy.txt"])
    }

    @Test func aDockerfileIsBuiltByBuildahWithoutNetworkAndItsLogIsKept() async throws {
        try await RucheFixture.with { fixture in
            let package = try await dockerPackage(
                fixture, run: "test $(ip link | grep -c mtu) = 1 && chown 5:5 /regovar/run.sh")
            try await installAndRun(package, fixture)
            try await ServedProcess.with(fixture) { _ in
                let list = try await fixture.curl("/api/v1/operations?limit=100")
                let ids = list.matches(of: /"id":"([0-9a-z]{26})","kind":"install"/).map { String($0.output.1) }
                let first = try #require(ids.last)
                let log = try await fixture.curl("/api/v1/operations/\(first)/log")
                #expect(log.contains("built-here"), "\(log)")
            }
            #expect(try isMissingOrEmpty(fixture.data.appending("uploads")))
        }
    }

    @Test func aDockerfileIsBuiltByADockerEngine() async throws {
        try await EngineDaemon.with(.docker) { daemon in
            try await RucheFixture.with { fixture in
                let host = try await daemon.environment()["DOCKER_HOST"] ?? ""
                try fixture.write(
                    ".config/ruche/config.yaml", "docker_builder: docker\ndocker_builder_host: \(host)\n")
                try await installAndRun(try await dockerPackage(fixture), fixture)
                let left = try await daemon.client("image", "ls", "--format", "{{.Repository}}")
                #expect(!left.contains("ruche-package"))
            }
        }
    }

    @Test func aBuildThatFailsSaysWhyAndLeavesNothing() async throws {
        try await RucheFixture.with { fixture in
            let package = try await dockerPackage(fixture, run: "echo no-such-thing >&2 && exit 3")
            let result = try await fixture.run("pipeline", "install", package.string, "--owner", "lab")
            #expect(!result.status.isSuccess && result.errorTail.contains("no-such-thing"), "\(result.errorTail)")
            #expect(try await fixture.ruche("pipeline", "list", "--quiet").output.isEmpty)
            #expect(try isMissingOrEmpty(fixture.data.appending("uploads")))
        }
    }

    @Test func versionsStandSideBySideAndOneInUseIsNotRemoved() async throws {
        try await RucheFixture.with { fixture in
            for version in ["1.0", "1.1"] {
                let package = try await fixture.lxdPackage(version: version, job: "echo \(version); sleep 600")
                try await fixture.ruche("pipeline", "install", package.string)
            }
            let other = try await fixture.lxdPackage(version: "1.0", job: "echo other")
            let refused = try await fixture.run("pipeline", "install", other.string)
            #expect(!refused.status.isSuccess && refused.errorTail.contains("give the new content a new version"))
            let list = try await fixture.ruche("pipeline", "list", "--quiet").output
            #expect(Set(list.split(separator: "\n")) == ["local/my-pipeline:1.1", "local/my-pipeline:1.0"])
            let id = try await fixture.ruche("run", "local/my-pipeline:1.0", "--detach", "--quiet").output
                .filter { !$0.isWhitespace }
            let kept = try await fixture.run("pipeline", "remove", "local/my-pipeline:1.0")
            #expect(!kept.status.isSuccess && kept.errorTail.contains("is used by a job"))
            try await fixture.ruche("job", "cancel", id)
            try await eventually(within: .seconds(60), "it is removed once its job is over") {
                try await fixture.run("pipeline", "remove", "local/my-pipeline:1.0").status.isSuccess
            }
            #expect(try await fixture.ruche("pipeline", "list", "--quiet").output == "local/my-pipeline:1.1\n")
        }
    }

    @Test func documentsAreServedSoThatNothingInThemRuns() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.ruche("pipeline", "install", try await fixture.lxdPackage(job: "true").string)
            try await ServedProcess.with(fixture) { _ in
                let path = "/api/v1/pipelines/local/my-pipeline/1.0/documents/"
                let answer = try await fixture.curl(path + "about", "-i").lowercased()
                for part in [
                    "200", "content-type: text/html; charset=utf-8", "x-content-type-options: nosniff",
                    "content-security-policy: sandbox; default-src 'none'",
                ] { #expect(answer.contains(part), "\(part) in \(answer)") }
                #expect(try await fixture.curl(path + "license", "-i").lowercased().contains("text/plain"))
                #expect(try await fixture.curl(path + "icon").contains("not_found"))
            }
        }
    }

    @Test func aReleaseAsOneFileInstallsElsewhereWithItsFormAndDocuments() async throws {
        try await RucheFixture.with { fixture in
            let form = #"{"n": {"type": "integer", "default": 2}}"#
            let package = try await fixture.lxdPackage(job: "echo $RUCHE_JOB >/pipeline/outputs/x", form: form)
            try await fixture.ruche("pipeline", "install", package.string)
            let file = fixture.folder.appending("release.oci.tar").string
            try await fixture.ruche(
                "image", "export", "local/my-pipeline:1.0", "--format", "oci-archive", "-o", file)
            let before = try await fixture.ruche("pipeline", "show", "local/my-pipeline", "--json").output
            try await RucheFixture.with { other in
                try await other.ruche("pipeline", "install", file)
                let after = try await other.ruche("pipeline", "show", "local/my-pipeline", "--json").output
                let (one, two) = (
                    try JSONText.whole(PipelineDocument.self, before), try JSONText.whole(PipelineDocument.self, after)
                )
                #expect(one.digest == two.digest && one.documents == two.documents && one.form == two.form)
                try await other.ruche("run", "local/my-pipeline")
            }
        }
    }

    @Test func aFolderAndAReleaseOfTheCatalogueInstallAsAPackageDoes() async throws {
        try await RucheFixture.with { fixture in
            let package = try await fixture.lxdPackage(job: "echo done >/pipeline/outputs/x")
            let folder = fixture.folder.appending("unpacked")
            try await fixture.tool("unzip", "-q", package.string, "-d", folder.string)
            // The folder of the package is one further down.
            let inner = folder.appending(try #require(try FileTree.names(in: folder).first))
            let install = try await fixture.ruche("pipeline", "install", inner.string)
            #expect(install.output.contains("installed local/my-pipeline:1.0"))
            try await fixture.tool("touch", inner.appending("manifest.json").string)
            let again = try await fixture.ruche("pipeline", "install", inner.string)
            #expect(again.output.contains("was installed before"), "times are no part of a package")
            let named = try await fixture.ruche("pipeline", "install", "local/my-pipeline", "--quiet").output
            #expect(named == "local/my-pipeline:1.0\n")
            try await fixture.ruche("run", "local/my-pipeline:1.0")
            try await fixture.ruche("pipeline", "install", "local/nothing:1.0", code: 3)
            let root = try await fixture.pirusRoot("plain", job: "true")
            try await fixture.tool("tar", "-cf", fixture.folder.appending("plain.tar").string, "-C", root.string, ".")
            try await fixture.ruche(
                "image", "import", fixture.folder.appending("plain.tar").string, "--as", "lab/plain:1.0", "--format",
                "rootfs-tar")
            let plain = try await fixture.ruche("pipeline", "install", "lab/plain:1.0", code: 2)
            #expect(plain.errorTail.contains("is no pipeline"), "\(plain.errorTail)")
            try FileTree.makeFolder(fixture.folder.appending("empty"))
            let empty = try await fixture.ruche("pipeline", "install", "empty", code: 2)
            #expect(empty.errorTail.contains("manifest.json"), "\(empty.errorTail)")
        }
    }

    @Test func aServerKilledDuringAnInstallationGoesOnWithItAndLeavesNothingHalfMade() async throws {
        try await RucheFixture.with { fixture in
            let package = try await dockerPackage(
                fixture, run: "if test -e /regovar/slow; then true; else sleep 5; fi")
            let served = try await ServedProcess.start(fixture)
            let answer = try await fixture.curl(
                "/api/v1/pipelines?owner=lab&title=VEP.zip", "-T", package.string, "-X", "POST")
            #expect(answer.contains("\"kind\":\"install\""), "\(answer)")
            let uploads = fixture.data.appending("uploads")
            try await eventually(within: .seconds(60), "the builder runs") {
                try await fixture.tool("ps", "-eo", "args").split(separator: "\n").contains {
                    $0.contains(uploads.string) && $0.contains(" bud ")
                }
            }
            try await served.end(SIGKILL)
            try await ServedProcess.with(fixture) { _ in
                #expect(try await !fixture.curl("/api/v1/pipelines").contains("lab/vep"), "nothing half-made is shown")
                try await eventually(within: .seconds(120), "the installation goes on to its end") {
                    try await fixture.curl("/api/v1/pipelines").contains("lab/vep")
                }
                try await eventually(within: .seconds(60), "the uploads are gone") { try isMissingOrEmpty(uploads) }
                #expect(try await !fixture.tool("ps", "-eo", "args").contains(uploads.string))
            }
        }
    }
}
