import Glibc
import RucheCore
import RucheHost
import SystemPackage
import Testing

/// Boxes of other servers, good and bad.
@Suite struct ImportTests {
    /// A site with a server.
    private static func with(_ body: (RucheFixture) async throws -> Void) async throws {
        try await RucheFixture.with { here in
            try await ServedProcess.with(here) { _ in try await body(here) }
        }
    }

    @Test func boxesOfVagrantCloudsDocumentsAreCopied() async throws {
        try await Self.with { here in
            try await ForeignCloud.with(here) { cloud in
                let token = try here.write("token", "s3cret-token\n").string
                func bring(_ wanted: String, code: Int) async throws -> CommandResult {
                    try await here.ruche(
                        "import", "vagrant-cloud", wanted, "--from", cloud.address, "--from-token-file", token,
                        code: code)
                }
                // One version is revoked there, which is told.
                let result = try await bring("Hashi/Good", code: 4)
                #expect(result.output.contains("imported hashi/good:1.0.0"), "\(result)")
                #expect(result.output.contains("imported hashi/good:2.0.0"), "\(result)")
                #expect(result.errorTail.contains("hashi/good:1.5.0: it is revoked there"), "\(result)")
                // The one that was cut off went on where it was.
                let asked = try cloud.requests()
                #expect(asked.contains { $0.hasPrefix("/cut/one bytes=") }, "\(asked)")
                #expect(asked.allSatisfy { $0.hasSuffix("Bearer s3cret-token") })

                let shown = try await here.ruche("env", "show", "hashi/good").output
                #expect(shown.contains("The box Good") && shown.contains("public"), "\(shown)")
                let list = try await here.curl("/api/v2/box/hashi/good")
                for text in ["Notes 2.0.0", "\"arm64\"", "\"md5\"", "\"sha512\"", "**Long** text"] {
                    #expect(list.contains(text), "\(text) in \(list)")
                }
                for (name, path) in [
                    ("one", "1.0.0/providers/libvirt/unknown"), ("arm", "2.0.0/providers/libvirt/arm64"),
                ] {
                    let got = here.folder.appending("got-\(name)").string
                    _ = try await here.curl("/hashi/boxes/good/versions/\(path)/vagrant.box", "-o", got)
                    try await here.tool("cmp", got, cloud.folder.appending("\(name).box").string)
                }
                // Again: nothing is fetched twice.
                let before = try cloud.files().count
                let again = try await bring("Hashi/Good", code: 4)
                #expect(again.output.contains("hashi/good:2.0.0 is here already"))
                #expect(try cloud.files().count == before)
            }
        }
    }

    @Test func hostileBoxesAreRefusedAndNothingOfThemIsSeen() async throws {
        try await Self.with { here in
            try await ForeignCloud.with(here) { cloud in
                let result = try await here.ruche(
                    "import", "vagrant-cloud", "Hashi/bad", "--from", cloud.address, code: 4)
                for text in [
                    "bad:6.0.0 libvirt unknown", "link", "bad:5.0.0 libvirt unknown", "redirects over and over",
                    "bad:3.0.0 libvirt unknown", "has the sha256", "answers 404", "it stays a draft",
                    "the box is for libvirt, not for virtualbox", "is no http or https address",
                    "can't be a version here",
                ] { #expect(result.errorTail.contains(text) || result.output.contains(text), "\(text) in \(result)") }
                #expect(try await here.ruche("image", "list", "--quiet").output == "")
                #expect(try isMissingOrEmpty(here.data.appending("content/uploads")))
                #expect(try isMissingOrEmpty(here.data.appending("cache/import")))
                let huge = try await here.ruche(
                    "import", "vagrant-metadata", "\(cloud.address)/huge.json", code: 2)
                #expect(huge.errorTail.contains("no description of a box is"), "\(huge.errorTail)")
                let none = try await here.ruche(
                    "import", "vagrant-cloud", "nobody/none", "--from", cloud.address, code: 3)
                #expect(none.errorTail.contains("404"), "\(none.errorTail)")
                try await here.ruche("import", "vagrant-cloud", "a/b", "--from", "http://127.0.0.1:1", code: 10)
            }
        }
    }

    @Test func metadataOfHandAndBoxFilesAreImported() async throws {
        try await Self.with { here in
            try await ForeignCloud.with(here) { cloud in
                try await here.ruche(
                    "import", "vagrant-metadata", "\(cloud.address)/static.json", "--as", "lab/hand", "--public")
                #expect(try await here.curl("/lab/hand").contains("0.1.0"))
                let file = try here.write(
                    "cloud/metadata.json",
                    #"{"name":"by/file","versions":[{"version":"1.0.0","providers":[{"name":"libvirt","url":"two.box"}]}]}"#
                )
                try await here.ruche("import", "vagrant-metadata", file.string)
                #expect(try await here.shown("by/file:1.0.0").variants.count == 1)
                try await here.ruche(
                    "import", "box", cloud.folder.appending("arm.box").string, "--as", "lab/file:1.0.0",
                    "--architecture",
                    "arm64")
                #expect(try await here.curl("/api/v2/box/lab/file").contains("arm64"))
                // A draft is nobody's to fetch until it is released; a second box joins it meanwhile.
                for (provider, architecture) in [("arm.box", "arm64"), ("arm.box", "amd64")] {
                    let draft = try await here.ruche(
                        "import", "box", cloud.folder.appending(provider).string, "--as", "lab/file:2.0.0", "--draft",
                        "--architecture", architecture)
                    #expect(draft.output.contains("ruche release publish lab/file:2.0.0"), "\(draft.output)")
                }
                #expect(try await here.ruche("release", "drafts", "lab/file").output.contains("2.0.0"))
                try await here.ruche("release", "show", "lab/file:2.0.0", code: 3)
                try await here.ruche("release", "publish", "lab/file:2.0.0")
                #expect(try await here.shown("lab/file:2.0.0").variants.count == 2)
                let link = try await here.ruche(
                    "import", "box", cloud.folder.appending("link.box").string, "--as", "lab/link:1.0.0", code: 2)
                #expect(link.errorTail.contains("link"), "\(link.errorTail)")
            }
        }
    }

    @Test func boxesOfAnotherSiteOfOursAreCopied() async throws {
        try await SecondSite.with { site in
            let box = try await site.fixture.box("small")
            try await site.fixture.ruche("import", "box", box, "--as", "lab/small:1.0.0", "--public")
            try await site.fixture.ruche("import", "box", box, "--as", "lab/secret:1.0.0", "--architecture", "amd64")
            try await Self.with { here in
                // Without a token there is only what is public.
                try await here.ruche("import", "vagrant-cloud", "lab", "--from", site.address, "--as", "copy")
                #expect(try await here.ruche("image", "list", "--quiet").output.contains("copy/small:1.0.0"))
                try await here.ruche("image", "show", "copy/secret:1.0.0", code: 3)
                try await here.ruche(
                    "import", "vagrant-cloud", "lab", "--from", site.address, "--from-token-file", site.tokenFile)
                let secret = try await here.ruche("env", "show", "lab/secret").output
                #expect(secret.contains("private"), "\(secret)")
                #expect(try await here.curl("/api/v2/box/lab/secret").contains("amd64"))
                try await here.ruche("verify")
            }
        }
    }
}
