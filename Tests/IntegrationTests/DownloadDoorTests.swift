import RucheCore
import RucheHost
import SystemPackage
import Testing

/// Releases as plain files, with the programs that people fetch files with.
@Suite struct DownloadDoorTests {
    /// The status of an answer.
    private func code(_ fixture: RucheFixture, _ url: String, _ arguments: String...) async throws -> String {
        try await fixture.runner.runChecked(
            Command(
                "curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}"] + arguments + [url],
                environment: ["HOME": fixture.folder.string])
        ).output
    }

    @Test func filesAreFetchedResumedAndChecked() async throws {
        try await NetworkSite.with { site in
            let fixture = site.fixture
            try await fixture.buildBusybox(extra: "variants: [oci, lxd]")
            try await fixture.ruche("env", "set", "test/tiny", "--public")
            let base = "\(site.address)/files/test/tiny/1.0.0"
            let target = fixture.folder.appending("files").string
            let script = """
                set -e; mkdir \(target); cd \(target)
                curl -sSf -O \(base)/SHA256SUMS
                curl -sSf -O \(base)/tiny-1.0.0-build.log
                for name in $(cut -c67- SHA256SUMS | grep -v build.log); do
                    # The beginning first, as of a download that broke off.
                    curl -sSf -r 0-99 -o $name \(base)/$name
                    case $name in *.tar) wget -q -c \(base)/$name ;; *) curl -sSf -C - -O \(base)/$name ;; esac
                done
                sha256sum -c SHA256SUMS
                skopeo inspect --raw oci-archive:tiny-1.0.0-amd64.oci.tar
                """
            let text = try await fixture.tool("sh", "-c", script)
            for name in [
                "amd64.oci.tar", "amd64.lxd.tar.xz", "amd64.squashfs", "recipe.tar", "lock.json", "sbom.spdx.json",
            ] { #expect(text.contains("tiny-1.0.0-\(name): OK"), "\(text)") }
            #expect(text.contains("application/vnd.oci.image.config.v1+json"), "\(text)")

            let image = "\(base)/tiny-1.0.0-amd64.oci.tar"
            let head = try await fixture.tool("curl", "-sSI", image)
            let sum = try await fixture.tool(
                "sh", "-c", "sha256sum <\(target)/tiny-1.0.0-amd64.oci.tar | cut -c1-64"
            ).filter { !$0.isWhitespace }
            for line in [
                "ETag: \"sha256:\(sum)\"", "Accept-Ranges: bytes", "Content-Disposition: attachment",
                "Repr-Digest: sha-256=:", "Digest: SHA-256=", "Last-Modified:",
            ] { #expect(head.lowercased().contains(line.lowercased()), "\(line) in \(head)") }
            #expect(try await code(fixture, image, "-H", "If-None-Match: \"sha256:\(sum)\"") == "304")
        }
    }

    @Test func addressesAnswerForWhoMayAsk() async throws {
        try await NetworkSite.with { site in
            let fixture = site.fixture
            try await fixture.buildBusybox()
            let base = "\(site.address)/files/test/tiny"
            // What is private answers like what does not exist.
            #expect(try await code(fixture, "\(base)/1.0.0/SHA256SUMS") == "404")
            #expect(try await code(fixture, "\(site.address)/files/test/other/1.0.0/SHA256SUMS") == "404")
            #expect(try await code(fixture, "\(base)/1.0.0/SHA256SUMS", "-u", "x:\(site.token)") == "200")
            try await fixture.ruche("env", "set", "test/tiny", "--public")
            #expect(try await code(fixture, "\(base)/1.0.0/nothing") == "404")
            #expect(try await code(fixture, "\(base)/latest/SHA256SUMS") == "307")
            #expect(try await code(fixture, "\(base)/latest/SHA256SUMS", "-L") == "200")
            #expect(try await fixture.tool("curl", "-sS", "\(base)/1.0.0/").contains("tiny-1.0.0-amd64.oci.tar"))
            try await fixture.ruche("image", "revoke", "test/tiny:1.0.0", "--reason", "broken")
            #expect(try await code(fixture, "\(base)/1.0.0/SHA256SUMS") == "410")
            #expect(try await code(fixture, "\(base)/1.0.0/tiny-1.0.0-amd64.oci.tar") == "410")
        }
    }
}
