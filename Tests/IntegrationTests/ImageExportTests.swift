import RucheCore
import RucheHost
import RucheWire
import Support
import SystemPackage
import Testing

/// Images leave the catalogue in every form, and each form's own client starts them.
@Suite struct ImageExportTests {
    private static let command = ["/bin/sh", "-c", "cat /pipeline/job/run.sh"]

    @Test func skopeoAndPodmanTakeOCI() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox(job: "echo hello from ruche")
            let layout = fixture.folder.appending("layout")
            try await fixture.ruche("image", "export", "test/tiny", "--format", "oci", "-o", layout.string)
            let inspected = try await fixture.tool("skopeo", "inspect", "oci:\(layout.string)")
            #expect(inspected.contains("\"Layers\""))
            let archive = fixture.folder.appending("tiny.tar")
            try await fixture.ruche("image", "export", "test/tiny", "--format", "oci-archive", "-o", archive.string)
            let podman = fixture.podman
            try await fixture.tool("podman", arguments: podman + ["pull", "oci-archive:\(archive.string)"])
            let image = try await fixture.tool("podman", arguments: podman + ["images", "-q"]).split(separator: "\n")
            let text = try await fixture.tool(
                "podman",
                arguments: podman + ["run", "--rm", "--network", "none", String(try #require(image.first))]
                    + Self.command)
            #expect(text.contains("hello from ruche"))
            try await fixture.tool("podman", arguments: podman + ["rmi", "-fa"])
        }
    }

    @Test func dockerLoadsAndRuns() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox(job: "echo hello from ruche")
            let archive = fixture.folder.appending("tiny.tar")
            try await fixture.ruche("image", "export", "test/tiny", "--format", "docker-archive", "-o", archive.string)
            try await EngineDaemon.with(.docker) { docker in
                _ = try await docker.client("load", "-i", archive.string)
                let text = try await docker.client(
                    "run", "--rm", "--network", "none", "test/tiny:1.0.0", "/bin/sh", "-c", "cat /pipeline/job/run.sh")
                #expect(text.contains("hello from ruche"))
            }
        }
    }

    @Test func lxdImportsAndLaunches() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox(job: "echo hello from ruche", extra: "variants: [oci, lxd]")
            let split = fixture.folder.appending("split")
            try await fixture.ruche("image", "export", "test/tiny", "--format", "lxd", "-o", split.string)
            let files = try FileTree.names(in: split)
            let metadata = try #require(files.first { $0.hasPrefix("metadata") })
            let root = try #require(files.first { $0.hasSuffix("squashfs") })
            try await EngineDaemon.with(.lxd) { lxd in
                _ = try await lxd.client(
                    "image", "import", split.appending(metadata).string, split.appending(root).string, "--alias", "tiny"
                )
                _ = try await lxd.client("launch", "tiny", "one")
                let text = try await lxd.client("exec", "one", "--", "cat", "/pipeline/job/run.sh")
                #expect(text.contains("hello from ruche"))
                _ = try await lxd.client("delete", "--force", "one")
            }
        }
    }

    @Test func whatWasExportedComesBackTheSame() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox()
            for format in ["oci-archive", "docker-archive", "rootfs-tar"] {
                let archive = fixture.folder.appending("\(format).tar")
                try await fixture.ruche("image", "export", "test/tiny", "--format", format, "-o", archive.string)
                try await fixture.ruche(
                    "image", "import", archive.string, "--as", "test/back-\(format):1.0.0", "--format", format)
                let diff = try JSONText.whole(
                    DiffDocument.self,
                    try await fixture.ruche("image", "diff", "test/tiny", "test/back-\(format)", "--json").output)
                #expect(diff.files.isEmpty, "\(format): \(diff.files.prefix(5))")
                let taken = try await fixture.run(
                    "image", "export", "test/tiny", "--format", format, "-o", archive.string)
                #expect(!taken.status.isSuccess, "an existing file is never overwritten")
            }
        }
    }

    @Test func removingAndCollectingFreesWhatNothingNeeds() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox(version: "1.0.0", job: "echo one")
            try await fixture.buildBusybox(version: "1.1.0", job: "echo two")
            try await fixture.ruche("image", "tag", "test/tiny:1.0.0", "stable")
            let diff = try await fixture.ruche("image", "diff", "test/tiny:stable", "test/tiny:1.1.0")
            #expect(diff.output.contains("pipeline/job/run.sh"))
            try await fixture.ruche("image", "remove", "test/tiny:1.1.0")
            try await fixture.ruche("gc", "--dry-run")
            try await fixture.ruche("gc")
            try await fixture.ruche("verify")
            try await fixture.ruche("catalogue", "rebuild")
            let list = try await fixture.ruche("image", "list", "--json")
            let releases = try JSONText.whole([ReleaseSummaryDocument].self, list.output)
            #expect(releases.map(\.version.description) == ["1.0.0"])
            #expect(releases.first?.tags == ["stable"])
            try await fixture.ruche("run", "test/tiny:stable")
        }
    }
}

extension RucheFixture {
    /// Podman's own storage in the scratch folder, with the runtime and limits that work here.
    var podman: [String] {
        [
            "--root", folder.appending("podman").string, "--runroot", folder.appending("podman-run").string,
            "--runtime",
            "runc", "--cgroup-manager", "cgroupfs",
        ]
    }

    @discardableResult
    func tool(_ name: String, arguments: [String]) async throws -> String {
        let configuration = try write(
            "containers.conf", "[containers]\ndefault_ulimits = [\"nofile=20000:20000\", \"nproc=32768:32768\"]\n")
        return try await runner.runChecked(
            Command(
                name, arguments,
                environment: ["HOME": folder.string, "CONTAINERS_CONF": configuration.string, "TMPDIR": folder.string])
        ).output
    }
}
