import Foundation
import Glibc
import RucheCore
import RucheHost
import SystemPackage
import Testing

/// Releases from one real site to another.
@Suite struct TransferTests {
    private struct Outcome: Decodable {
        var release: String
        var digest: String
        var blobs: Int
        var bytes: Int64
    }

    @Test func aReleaseArrivesWhole() async throws {
        try await RucheFixture.with { here in
            try await here.buildBusybox(extra: "variants: [oci, lxd]")
            let release = try await here.shown("test/tiny:1.0.0")
            #expect(Set(release.artifacts.map(\.kind)).isSuperset(of: ["recipe", "lock", "sbom"]))
            try await SecondSite.with { site in
                let refused = try await here.ruche("push", "test/tiny", site.address, code: 14)
                #expect(refused.errorTail.contains("token"), "\(refused.errorTail)")
                let first = try JSONText.whole(
                    Outcome.self,
                    try await here.ruche(
                        "push", "test/tiny", site.address, "--site-token-file", site.tokenFile, "--json"
                    ).output)
                #expect(first.digest == release.summary.digest && first.blobs > 5)
                #expect(try await site.fixture.shown("test/tiny:1.0.0") == release)
                // Nothing travels twice, and what is new there is private.
                let again = try await here.ruche(
                    "push", "test/tiny:1.0.0", site.address, "--site-token-file", site.tokenFile)
                #expect(again.output.contains("was whole there already"), "\(again.output)")
                let stranger = try await here.ruche("pull", "test/tiny", site.address, code: 3)
                #expect(stranger.errorTail.contains("not in the catalogue"), "\(stranger.errorTail)")

                // What was revoked there stays so.
                try await site.fixture.ruche("image", "revoke", "test/tiny:1.0.0", "--reason", "wrong genome")
                let late = try await here.ruche(
                    "push", "test/tiny", site.address, "--site-token-file", site.tokenFile, code: 3)
                #expect(late.errorTail.contains("wrong genome"), "\(late.errorTail)")
                #expect(try await site.fixture.shown("test/tiny:1.0.0").summary.revokedReason == "wrong genome")
            }
        }
    }

    @Test func onlyWhatIsNewTravels() async throws {
        try await RucheFixture.with { here in
            try await here.buildBusybox(extra: "variants: [oci, lxd]")
            try await SecondSite.with { site in
                func push() async throws -> Outcome {
                    try JSONText.whole(
                        Outcome.self,
                        try await here.ruche(
                            "push", "test/tiny", site.address, "--site-token-file", site.tokenFile, "--json"
                        ).output)
                }
                let first = try await push()
                try await here.buildBusybox(version: "2.0.0", job: "echo two")
                let second = try await push()
                #expect(second.release == "test/tiny:2.0.0" && second.bytes < first.bytes / 2, "\(first) \(second)")
                try await site.fixture.ruche("env", "set", "test/tiny", "--public")
                // And on to a third place, by a name of the configuration.
                try await RucheFixture.with { third in
                    try third.write(".config/ruche/config.yaml", "sites: {institute: \"\(site.address)\"}\n")
                    try await third.ruche("pull", "--all", "test/tiny", "institute")
                    #expect(try await third.shown("test/tiny:1.0.0") == here.shown("test/tiny:1.0.0"))
                    #expect(try await third.shown("test/tiny:2.0.0") == here.shown("test/tiny:2.0.0"))
                    try await third.ruche("verify")
                    let unknown = try await third.ruche("pull", "test/tiny:1.0.0", "nowhere", code: 2)
                    #expect(unknown.errorTail.contains("institute"), "\(unknown.errorTail)")
                }
            }
        }
    }

    @Test func aKilledPushGoesOnWhereItWas() async throws {
        try await RucheFixture.with { here in
            let size: Int64 = 400_000_000
            let box = try await here.box("large", bytes: Int(size))
            try await here.ruche("import", "box", box, "--as", "lab/large:1.0.0")
            let release = try await here.shown("lab/large:1.0.0")
            try await SecondSite.with { site in
                let arguments = ["push", "lab/large:1.0.0", site.address, "--site-token-file", site.tokenFile]
                let line = try await here.runner.runChecked(
                    Command(
                        "/bin/sh", ["-c", "\"$@\" >/dev/null 2>&1 & echo $!", "sh", RucheFixture.program] + arguments,
                        environment: ["RUCHE_DATA": here.data.string, "HOME": here.folder.string],
                        workingDirectory: here.folder)
                ).output
                let pid = try #require(Int32(line.filter(\.isNumber)))
                let uploads = site.fixture.data.appending("content/uploads")
                func arrived() throws -> Int64 {
                    try FileTree.names(in: uploads).reduce(0) { sum, name in
                        var status = stat()
                        return sum + (stat(uploads.appending(name).string, &status) == 0 ? Int64(status.st_size) : 0)
                    }
                }
                try await eventually(within: .seconds(300), every: .milliseconds(2), "the first bytes arrive") {
                    try arrived() >= 20_000_000
                }
                kill(pid, SIGKILL)
                try await eventually(within: .seconds(60), "the sender is gone") { kill(pid, 0) != 0 }
                let before = try arrived()
                #expect(before >= 20_000_000 && before < size)
                try await site.fixture.ruche("image", "show", "lab/large:1.0.0", code: 3)
                let sent = try await here.ruche(
                    "push", "lab/large:1.0.0", site.address, "--site-token-file", site.tokenFile, "--json")
                let outcome = try JSONText.whole(Outcome.self, sent.output)
                #expect(outcome.bytes <= size + 20_000 - 20_000_000, "\(outcome)")
                #expect(try await site.fixture.shown("lab/large:1.0.0") == release)
                #expect(try isMissingOrEmpty(uploads))
            }
        }
    }

    @Test func aMirrorFollowsAndIsReadOnly() async throws {
        try await SecondSite.with { site in
            let origin = site.fixture
            try await origin.buildBusybox()
            try await origin.ruche("env", "set", "test/tiny", "--public", "--summary", "A small one")
            try await RucheFixture.with { copy in
                try await copy.ruche("mirror", site.address, "test")
                #expect(try await copy.shown("test/tiny:1.0.0") == origin.shown("test/tiny:1.0.0"))
                #expect(try await copy.ruche("env", "show", "test/tiny").output.contains("A small one"))
                // Nothing else changes it.
                let box = try await copy.box("b")
                let refused = try await copy.ruche("import", "box", box, "--as", "test/tiny:9.0.0", code: 4)
                #expect(refused.errorTail.contains("read-only"), "\(refused.errorTail)")
                try await copy.ruche("image", "show", "test/tiny:9.0.0", code: 3)

                try await origin.buildBusybox(version: "2.0.0", job: "echo two")
                try await origin.ruche("image", "revoke", "test/tiny:1.0.0", "--reason", "wrong genome")
                try await origin.ruche("env", "set", "test/tiny", "--summary", "Another word")
                try await copy.ruche("mirror", site.address, "test/tiny")
                #expect(try await copy.shown("test/tiny:2.0.0") == origin.shown("test/tiny:2.0.0"))
                #expect(try await copy.shown("test/tiny:1.0.0").summary.revokedReason == "wrong genome")
                #expect(try await copy.ruche("env", "show", "test/tiny").output.contains("Another word"))
                // What is somebody's own here is left alone.
                let mine = try await copy.box("mine")
                try await copy.ruche("import", "box", mine, "--as", "lab/own:1.0.0")
                let other = try await origin.box("theirs")
                try await origin.ruche("import", "box", other, "--as", "lab/own:2.0.0", "--public")
                let clash = try await copy.ruche("mirror", site.address, "lab", code: 4)
                #expect(clash.errorTail.contains("is left as it is"), "\(clash.errorTail)")
            }
        }
    }
}
