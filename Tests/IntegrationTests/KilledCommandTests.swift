import Glibc
import RucheHost
import Support
import SystemPackage
import Testing

/// Commands that make packages and releases are killed earlier and later, until they come to their end: nothing
/// half-made is ever seen, and the last attempt succeeds.
@Suite(.enabled(if: BusyboxRoot.isUsable)) struct KilledCommandTests {
    /// Runs the program ever longer, and `check` after each kill. Returns how it ended by itself.
    private func killing(
        _ fixture: RucheFixture, _ arguments: [String], check: () async throws -> Void
    ) async throws -> CommandResult {
        var delay = 0.1
        while true {
            var command = fixture.command(["-s", "KILL", "\(delay)", RucheFixture.program] + arguments)
            command.executable = "timeout"
            let result = try await fixture.runner.run(command, onLine: nil)
            if result.status.shellCode != 137 { return result }
            try await check()
            delay *= 1.4
            try #require(delay < 120, "it never ends")
        }
    }

    @Test(arguments: ["zip-lxd", "oci"])
    func aPackageIsThereWholeOrNotAtAll(_ format: String) async throws {
        try await RucheFixture.with { fixture in
            _ = try await fixture.newWorkbench("tiny")
            let target = fixture.folder.appending("tiny.package")
            let result = try await killing(
                fixture, ["pipeline", "pack", "tiny", "-o", target.string, "--format", format]
            ) {
                if FileTree.exists(target) {
                    // The kill came behind the rename.
                    try await fixture.ruche("pipeline", "check", target.string)
                    try FileTree.remove(target)
                }
            }
            #expect(result.status.isSuccess, "\(result.errorTail)")
            try await fixture.ruche("pipeline", "check", target.string)
            let list = try await fixture.ruche("pipeline", "list", "--quiet").output
            #expect(list.isEmpty, "the release that was packed is not left behind: \(list)")
            let names = try FileTree.names(in: fixture.folder).filter { $0.hasPrefix(".tiny.package") }
            #expect(names.isEmpty, "\(names)")
        }
    }

    @Test func aReleaseIsPublishedWholeOrNotAtAll() async throws {
        try await RucheFixture.with { fixture in
            _ = try await fixture.newWorkbench("tiny")
            try await fixture.ruche("pipeline", "push", "tiny", "tiny/job/*", "/pipeline/job/")
            let result = try await killing(fixture, ["pipeline", "publish", "tiny", "lab/tiny:1.0.0"]) {
                let list = try await fixture.ruche("pipeline", "list", "--quiet").output
                #expect(list.isEmpty || list == "lab/tiny:1.0.0\n")
                if !list.isEmpty { try await fixture.ruche("pipeline", "show", "lab/tiny:1.0.0") }
            }
            #expect(result.status.isSuccess, "\(result.errorTail)")
            try await fixture.ruche("verify")
            try await fixture.ruche("run", "lab/tiny:1.0.0")
        }
    }

    @Test func aPackageIsInstalledWholeOrNotAtAll() async throws {
        try await RucheFixture.with { fixture in
            let package = try await fixture.lxdPackage(job: "echo done >/pipeline/outputs/x")
            let result = try await killing(fixture, ["pipeline", "install", package.string]) {
                let list = try await fixture.ruche("pipeline", "list", "--quiet").output
                #expect(list.isEmpty || list == "local/my-pipeline:1.0\n")
            }
            #expect(result.status.isSuccess, "\(result.errorTail)")
            try await fixture.ruche("verify")
            try await fixture.ruche("run", "local/my-pipeline")
            #expect(try isMissingOrEmpty(fixture.data.appending("uploads")))
        }
    }
}
