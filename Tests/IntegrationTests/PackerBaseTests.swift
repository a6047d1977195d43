import Glibc
import RucheCore
import RucheHost
import RucheWire
import Support
import SystemPackage
import Testing

/// Recipes that start from what Debian's Packer makes.
@Suite(.enabled(if: BusyboxRoot.isUsable)) struct PackerBaseTests {
    private func build(_ fixture: RucheFixture, _ arguments: String..., code: Int = 0) async throws -> String {
        let result = try await fixture.runner.run(
            fixture.command(["build", fixture.folder.appending("win").string] + arguments), onLine: nil)
        let text = result.output + result.errorTail
        #expect(result.status.shellCode == code, "\(text)")
        return text
    }

    /// How the base came, such as "built" or "reused", and why.
    private func base(_ text: String) -> String {
        String(text.split(separator: "\n").first { $0.contains("from packer:") } ?? "no line of the base")
    }

    @Test func aTemplateBecomesMachinesAndIsRunOnce() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.packerRecipe()
            let first = try await build(fixture)
            #expect(base(first).contains("built"), "\(first)")
            let shown = try await fixture.ruche("image", "show", "lab/win", "--json").output
            let release = try JSONText.whole(ReleaseDocument.self, shown)
            #expect(Set(release.variants.map(\.format)) == ["qcow2", "vmdk", "ova"])
            let disk = fixture.folder.appending("made.qcow2").string
            try await fixture.ruche("image", "export", "lab/win", "--format", "qcow2", "-o", disk)
            try await fixture.tool(
                "qemu-img", "compare", "-f", "raw", "-F", "qcow2",
                fixture.folder.appending("win/template/disk.img").string, disk)
            let documents = try documents(fixture, release)
            #expect(documents["sbom"]?.contains("\"hello\"") == true)
            let lock = try #require(documents["lock"])
            #expect(lock.contains("\"version\":\"1.6.6\"") && lock.contains("\"reference\":\"packer:template/t.json\""))
            #expect(documents["log"]?.contains("hello") == true && documents["provenance"]?.contains("packer") == true)
            try fixture.expectNothingOfBuilds()
            try fixture.write("lock.json", lock)
            #expect(base(try await build(fixture, "--locked=lock.json")).contains("reused"))
            try await fixture.packerRecipe(version: "1.4.0", provision: "echo another template")
            #expect(try await build(fixture, "--locked=lock.json", code: 4).contains("not the one of the lock"))
            let export = try await fixture.ruche("export", "packer", "lab/win", "-o", "exported", code: 2)
            #expect(export.errorTail.contains("take that template"))
        }
    }

    @Test func packerIsRunAgainOnlyWhereSomethingHasChanged() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.packerRecipe(variants: "[vdi]")
            _ = try await build(fixture)
            // No variant is the disk itself, and it is kept all the same.
            try await fixture.ruche("gc")
            try await fixture.packerRecipe(version: "1.1.0", variants: "[raw]")
            #expect(base(try await build(fixture)).contains("reused"))
            try await fixture.packerRecipe(version: "1.2.0", text: "other")
            #expect(base(try await build(fixture)).contains("template, variables or files changed"))
            for option in ["--refresh", "--no-cache"] {
                let again = try await build(fixture, option)
                #expect(base(again).contains("built") && again.contains(option), "\(again)")
            }
            try await fixture.ruche("verify")
        }
    }

    private func documents(_ fixture: RucheFixture, _ release: ReleaseDocument) throws -> [String: String] {
        let blobs = fixture.data.appending("content/blobs/sha256")
        return try release.artifacts.reduce(into: [:]) { result, artifact in
            let file = blobs.appending(String("\(artifact.digest)".dropFirst(7)))
            result[artifact.kind] = String(decoding: try AtomicFile.read(file), as: UTF8.self)
        }
    }

    @Test func packerSeesACleanEnvironmentAndItsOwnFolders() async throws {
        try await RucheFixture.with { fixture in
            let secrets = try fixture.write("secrets.json", #"{"lab/win": {"password": "correct horse"}}"#)
            try fixture.write(".config/ruche/config.yaml", "packer_secrets: \(secrets)\n")
            try await fixture.packerRecipe(
                packer: "builder: one, variables: {label: blue}, secrets: [password]",
                provision: "id -un; env | sort; pwd; ls -a /tmp /var/tmp; cat /proc/*/cmdline; test ! -r \(secrets)")
            // Others may read it.
            #expect(try await build(fixture, code: 9).contains("chmod 600"))
            try FileTree.setMode(secrets, 0o600)
            _ = try await build(fixture)
            let shown = try await fixture.ruche("image", "show", "lab/win", "--json").output
            let log = try #require(try documents(fixture, try JSONText.whole(ReleaseDocument.self, shown))["log"])
            for words in ["nobody", "label blue, password ***", "HOME=/tmp/home", "/tmp/source/template"] {
                #expect(log.contains(words), "\(words)\n\(log)")
            }
            #expect(!log.contains("RUCHE_DATA") && !log.contains(" NO_COLOR=1"))
            try await fixture.tool("sh", "-c", "! grep -rqs 'correct horse' \(fixture.data)")
            try FileTree.remove(secrets)
            #expect(try await build(fixture, "--refresh", code: 3).contains("packer_secrets"))
        }
    }

    @Test func whatGoesWrongIsSaidAndLeavesNothing() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.packerRecipe(provision: "echo the disk is not well; exit 3")
            let failed = try await build(fixture, code: 5)
            #expect(failed.contains("packer build template/t.json exited with 1; the last it said"), "\(failed)")
            #expect(failed.contains("the disk is not well") && !failed.contains("error-count"))
            // A file that is only named in a script is not known, and not there.
            let recipe = fixture.folder.appending("win/ruche.yaml").string
            try await fixture.packerRecipe()
            try await fixture.tool("sed", "-i", "s/, files: .*}/}/", recipe)
            #expect(try await build(fixture, code: 5).contains("note.txt: No such file"))
            try fixture.expectNothingOfBuilds()
            try await fixture.packerRecipe(packer: "builder: two")
            #expect(try await build(fixture, code: 2).contains("makes 0 disks"))
            try await fixture.packerRecipe(provision: "rm out/disk.img; ln -s /etc/passwd out/disk.img")
            #expect(try await build(fixture, code: 2).contains("no file in the folder that it was given"))
            try await fixture.packerRecipe(provision: "echo text >out/disk.img")
            #expect(try await build(fixture, code: 2).contains("packer.format"))
            try fixture.expectNothingOfBuilds()
            try await fixture.packerRecipe()
            let command = fixture.command([
                "-m", "/bin/sh", "-c", "mount --bind /dev/null /usr/bin/packer; exec \"$@\"", "sh",
                RucheFixture.program, "build", fixture.folder.appending("win").string,
            ])
            var without = command
            without.executable = "unshare"
            let missing = try await fixture.runner.run(without, onLine: nil)
            #expect(missing.status.shellCode == 9 && missing.errorTail.contains("apt install packer"), "\(missing)")
        }
    }

    @Test(arguments: [SIGKILL, SIGINT])
    func aBuildThatIsEndedTakesPackerWithIt(signal: Int32) async throws {
        try await RucheFixture.with { fixture in
            // No other process of the machine sleeps that long.
            let sleeps = (0..<2).map { _ in "sleep \(UInt32.random(in: 1_000_000 ... 2_000_000_000))" }
            // Away from its session and its parent, as QEMU may go.
            try await fixture.packerRecipe(
                provision: "setsid \(sleeps[0]) & env -i setsid sh -c '\(sleeps[1]) & : >/tmp/held'; wait")
            let recipe = fixture.folder.appending("win").string
            try await fixture.killWhen(["build", recipe], with: signal) { fixture.workHas("base/tmp/held") }
            if signal == SIGKILL {
                #expect(!fixture.processes().isEmpty, "Packer goes on")
                try await fixture.ruche("verify")
            }
            try fixture.expectNothingOfBuilds()
            let sleeping = try await fixture.runner.run(
                Command("pgrep", ["-f", "^(\(sleeps[0])|\(sleeps[1]))$"]), onLine: nil)
            #expect(sleeping.output.isEmpty)
            try await fixture.packerRecipe()
            #expect(base(try await build(fixture)).contains("built"))
            try fixture.expectNothingOfBuilds()
        }
    }

    @Test func checkAsksPackerToo() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.packerRecipe()
            try await fixture.ruche("check", "win")
            let template = fixture.folder.appending("win/template/t.json").string
            try await fixture.tool("sed", "-i", "s/\"source\": \"disk.img\", /\"surce\": \"x\", /", template)
            let result = try await fixture.ruche("check", "win", code: 2)
            #expect(result.output.contains("template/t.json:2:15: packer validate:"), "\(result.output)")
            #expect(result.output.contains("surce"))
            try await fixture.tool("sed", "-i", "s/\"type\": \"file\"/\"type\"/", template)
            #expect(try await fixture.ruche("check", "win", code: 2).output.contains("template/t.json:2:"))
        }
    }

    @Test func aServerForOthersRunsNoTemplateUnlessItsOperatorSaysSo() async throws {
        try await NetworkSite.with { site in
            let fixture = site.fixture
            try await fixture.packerRecipe()
            try fixture.write("token", site.token)
            let recipe = fixture.folder.appending("win").string
            let refused = try await fixture.ruche(
                "build", recipe, "--server", site.address, "--token-file", fixture.folder.appending("token").string,
                code: 9)
            #expect(refused.errorTail.contains("packer_user"), "\(refused.errorTail)")
        }
    }
}
