import Foundation
import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

/// Images and artifacts through the real server with the clients that people have.
@Suite struct RegistryDoorTests {
    @Test func meetsWhatTheSpecificationSays() async throws {
        try await NetworkSite.with { site in
            let script = try #require(Bundle.module.path(forResource: "registry-conformance", ofType: "py"))
            let result = try await site.fixture.runner.run(
                Command("python3", [script, site.host, site.token, "lab/one", "lab/two"]), onLine: nil)
            #expect(result.status.isSuccess, "\(result.output)\(result.errorTail)")
            #expect(result.output.contains("expectations met"))
        }
    }

    @Test func skopeoCopiesReleasesBothWays() async throws {
        try await NetworkSite.with { site in
            try await site.fixture.buildBusybox()
            try await site.pull("test/tiny:1.0.0", to: "image")
            _ = try await site.push("image", to: "test/copy:2.0.0")
            _ = try await site.push("image", to: "test/copy:edge")
            let list = try await site.fixture.ruche("image", "list", "test/copy").output
            #expect(list.contains("2.0.0") && list.contains("edge"))
            // What was pushed can be built upon, exported and pulled like what was built here.
            try await site.pull("test/copy", to: "back")
            try await site.fixture.tool(
                "diff", "-r", "\(site.fixture.folder)/image/blobs", "\(site.fixture.folder)/back/blobs")
            try await site.fixture.ruche(
                "image", "export", "test/copy:2.0.0", "--format", "rootfs-tar", "-o",
                site.fixture.folder.appending("root.tar").string)

            try await site.fixture.buildBusybox(name: "test/other", job: "echo other")
            try await site.pull("test/other:1.0.0", to: "other")
            let refused = try await site.push("other", to: "test/copy:2.0.0", isRefused: true)
            #expect(refused.contains("never changes"))
            _ = try await site.push("other", to: "test/copy:edge")
            let tags = try await site.tags("test/copy")
            #expect(tags.contains("2.0.0") && tags.contains("edge"))
        }
    }

    @Test func onlyWhoMayDoesSeeAndPush() async throws {
        try await NetworkSite.with { site in
            try await site.fixture.buildBusybox()
            let image = "docker://\(site.host)/test/tiny:1.0.0"
            let hidden = try await site.skopeo("inspect", "--tls-verify=false", image, isRefused: true)
            #expect(hidden.contains("unauthorized"))
            let missing = try await site.skopeo(
                "inspect", "--tls-verify=false", "docker://\(site.host)/test/none:1.0.0", isRefused: true)
            #expect(missing.contains("unauthorized"))
            try await site.fixture.ruche("env", "set", "test/tiny", "--public", "--summary", "A tiny system")
            #expect(try await site.fixture.ruche("env", "list").output.contains("A tiny system"))
            #expect(try await site.skopeo("inspect", "--tls-verify=false", image).contains("sha256:"))
            try await site.pull("test/tiny:1.0.0", to: "image")
            let refused = try await site.skopeo(
                "copy", "--dest-tls-verify=false", "oci:\(site.fixture.folder)/image:it",
                "docker://\(site.host)/test/tiny:2.0.0", isRefused: true)
            #expect(refused.contains("unauthorized") || refused.contains("denied"), "\(refused)")
        }
    }

    @Test func podmanAndBuildahPushAndPull() async throws {
        try await NetworkSite.with { site in
            try await site.fixture.buildBusybox()
            let fixture = site.fixture
            let store = [
                "--root", "\(fixture.folder)/pods", "--runroot", "\(fixture.folder)/podrun", "--storage-driver", "vfs",
            ]
            func pod(_ program: String, _ arguments: String...) async throws -> String {
                try await fixture.runner.runChecked(
                    Command(program, store + arguments, environment: ["HOME": fixture.folder.string])
                ).output
            }
            let tiny = "\(site.host)/test/tiny:1.0.0"
            _ = try await pod(
                "podman", "login", "--tls-verify=false", "-u", "x", "-p", site.token, "--authfile",
                "\(fixture.folder)/auth.json", site.host)
            let auth = ["--tls-verify=false", "--authfile", "\(fixture.folder)/auth.json"]
            _ = try await pod("podman", "pull", auth[0], auth[1], auth[2], tiny)
            _ = try await pod("podman", "push", auth[0], auth[1], auth[2], tiny, "\(site.host)/test/podman:1.0.0")
            #expect(
                try await pod("podman", "search", auth[0], auth[1], auth[2], "\(site.host)/test").contains(
                    "test/podman"))
            let container = try await pod("buildah", "from", auth[0], auth[1], auth[2], "--name", "made", tiny)
            #expect(container.contains("made"))
            _ = try await pod("buildah", "config", "--label", "made=here", "made")
            _ = try await pod(
                "buildah", "commit", auth[0], auth[1], auth[2], "made", "docker://\(site.host)/test/buildah:1.0.0")
            let list = try await fixture.ruche("image", "list").output
            #expect(list.contains("test/podman") && list.contains("test/buildah"))
        }
    }

    @Test func dockerPushesPullsAndRuns() async throws {
        try await NetworkSite.with { site in
            try await site.fixture.buildBusybox()
            let (tiny, copy) = ("\(site.host)/test/tiny:1.0.0", "\(site.host)/test/docker:1.0.0")
            try await EngineDaemon.with(.docker) { daemon in
                _ = try await daemon.client("login", "-u", "x", "-p", site.token, site.host)
                _ = try await daemon.client("pull", tiny)
                _ = try await daemon.client("tag", tiny, copy)
                _ = try await daemon.client("push", copy)
                _ = try await daemon.client("rmi", tiny, copy)
                _ = try await daemon.client("pull", copy)
                let out = try await daemon.client(
                    "run", "--rm", "--network", "none", copy, "/bin/echo", "from the catalogue")
                #expect(out.contains("from the catalogue"))
            }
        }
    }

    @Test func aCollectionTakesNothingThatAPushNeeds() async throws {
        try await NetworkSite.with { site in
            let data = String(repeating: "pushed", count: 1000)
            let file = try site.fixture.write("blob", data)
            let digest = "sha256:" + String(try await site.fixture.tool("sha256sum", file.string).prefix(64))
            func send(_ arguments: String...) async throws -> String {
                try await site.fixture.tool(
                    "sh", "-c", "curl -sS -u \(site.credentials) \(arguments.joined(separator: " "))")
            }
            let url = "http://\(site.host)/v2/lab/x"
            _ = try await send("-X POST --data-binary @\(file) '\(url)/blobs/uploads/?digest=\(digest)'")
            try await site.fixture.ruche("gc")
            #expect(try await send("-o /dev/null -w '%{http_code}' \(url)/blobs/\(digest)") == "200")
            _ = try await send("-X DELETE \(url)/blobs/\(digest)")
            try await site.fixture.ruche("gc")
            let blob = site.fixture.data.appending("content/blobs/sha256").appending(String(digest.dropFirst(7)))
            #expect(!FileTree.exists(blob))
        }
    }

    @Test func anUploadGoesOnAfterTheServerWasKilled() async throws {
        try await RucheFixture.with { fixture in
            var served = try await ServedProcess.start(fixture)
            let piece = try fixture.write("piece", String(repeating: "0123456789", count: 100_000))
            let start = try await fixture.curl("/v2/lab/x/blobs/uploads/", "-X", "POST", "-D", "-", "-o", "/dev/null")
            let line = start.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix("location:") }
            let path = String(try #require(line?.split(separator: " ").last))
            func patch(_ first: Int) async throws -> String {
                try await fixture.curl(
                    path, "-X", "PATCH", "-H", "Content-Range: \(first)-\(first + 999_999)", "-H",
                    "Content-Type: application/octet-stream", "--data-binary", "@\(piece)", "-o", "/dev/null", "-w",
                    "%{http_code}")
            }
            #expect(try await patch(0) == "202")
            try await served.end(SIGKILL)
            served = try await ServedProcess.start(fixture)
            #expect(try await patch(0) == "416")
            #expect(try await patch(1_000_000) == "202")
            let whole = try await fixture.tool("sh", "-c", "cat \(piece) \(piece) | sha256sum")
            let end = try await fixture.curl(
                "\(path)?digest=sha256:\(whole.prefix(64))", "-X", "PUT", "-o", "/dev/null", "-w", "%{http_code}")
            #expect(end == "201")
            try await served.end()
        }
    }
}

extension NetworkSite {
    fileprivate var credentials: String { "x:\(token)" }

    fileprivate func skopeo(_ arguments: String..., isRefused: Bool = false) async throws -> String {
        let result = try await fixture.runner.run(
            Command("skopeo", arguments, environment: ["HOME": fixture.folder.string]), onLine: nil)
        #expect(
            result.status.isSuccess != isRefused,
            "skopeo \(arguments.joined(separator: " "))\n\(result.output)\n\(result.errorTail)")
        return result.output + result.errorTail
    }

    /// Copies from a repository of the site into a folder, or the other way.
    fileprivate func pull(_ name: String, to folder: String) async throws {
        _ = try await skopeo(
            "copy", "--src-tls-verify=false", "--src-creds", credentials, "docker://\(host)/\(name)",
            "oci:\(fixture.folder.appending(folder)):it")
    }

    fileprivate func push(_ folder: String, to name: String, isRefused: Bool = false) async throws -> String {
        try await skopeo(
            "copy", "--dest-tls-verify=false", "--dest-creds", credentials,
            "oci:\(fixture.folder.appending(folder)):it", "docker://\(host)/\(name)", isRefused: isRefused)
    }

    fileprivate func tags(_ name: String) async throws -> String {
        try await skopeo("list-tags", "--tls-verify=false", "--creds", credentials, "docker://\(host)/\(name)")
    }
}
