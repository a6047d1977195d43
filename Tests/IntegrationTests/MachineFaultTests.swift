import Glibc
import RucheCore
import RucheHost
import SystemPackage
import Testing

/// A machine that lacks something: the message names it and says what to do, and nothing half-made stays.
@Suite struct MachineFaultTests {
    private func debian(_ fixture: RucheFixture, extra: String = "") throws -> FilePath {
        try fixture.write(
            "plain/ruche.yaml", "ruche: 1\nname: test/plain\nversion: 1.0.0\nfrom: debian:bookworm\n\(extra)\n")
        return fixture.folder.appending("plain")
    }

    /// Runs the program inside a shell that first takes something away in namespaces of its own.
    private func without(
        _ fixture: RucheFixture, unshare: [String], _ setup: String, _ arguments: [String]
    ) async throws -> CommandResult {
        try await fixture.runner.run(
            Command(
                "unshare",
                unshare + ["/bin/sh", "-c", "\(setup)\nexec \"$@\"", "sh", RucheFixture.program] + arguments,
                environment: ["RUCHE_DATA": fixture.data.string, "HOME": fixture.folder.string, "NO_COLOR": "1"]),
            onLine: nil)
    }

    @Test(arguments: [("/usr/bin/mmdebstrap", "mmdebstrap"), ("/usr/sbin/runc", "runc")])
    func aMissingToolIsNamedWithItsPackage(path: String, package: String) async throws {
        try await RucheFixture.with { fixture in
            let recipe = package == "runc" ? try await fixture.busyboxRecipe() : try debian(fixture)
            let file = recipe.appending("ruche.yaml")
            let text = String(decoding: try AtomicFile.read(file), as: UTF8.self)
            try AtomicFile.write(Array((text + "\ntests: [\"true\"]\n").utf8), to: file)
            let result = try await without(
                fixture, unshare: ["-m"], "mount --bind /dev/null \(path)", ["build", recipe.string])
            #expect(result.status == .exited(9))
            #expect((result.output + result.errorTail).contains("apt install \(package)"))
        }
    }

    @Test func noNetworkNamesTheMirror() async throws {
        try await RucheFixture.with { fixture in
            let recipe = try debian(fixture)
            let result = try await without(fixture, unshare: ["-n"], ":", ["build", recipe.string])
            #expect(result.status == .exited(10))
            #expect((result.output + result.errorTail).contains("mirror"))
            #expect(try isMissingOrEmpty(fixture.data.appending("cache/layers")))
        }
    }

    @Test func aFullDiskIsNamed() async throws {
        try await RucheFixture.with { fixture in
            let recipe = try await fixture.busyboxRecipe()
            try await fixture.tool("sh", "-c", "head -c 40m /dev/urandom > \(recipe.appending("job/big").string)")
            try FileTree.makeFolder(fixture.data)
            try await fixture.tool("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", fixture.data.string)
            let result = try await fixture.run("build", recipe.string)
            let text = result.output + result.errorTail
            umount2(fixture.data.string, Int32(MNT_DETACH))
            #expect(result.status == .exited(11), "\(text)")
            #expect(text.contains("disk"), "\(text)")
        }
    }

    @Test func noRootRightsIsSaidAtOnce() async throws {
        try await RucheFixture.with { fixture in
            let recipe = try await fixture.busyboxRecipe()
            try await fixture.tool("chmod", "-R", "a+rwX", fixture.folder.string)
            let command = Command(
                "setpriv",
                [
                    "--reuid", "65534", "--regid", "65534", "--clear-groups", RucheFixture.program, "build",
                    recipe.string,
                ],
                environment: ["RUCHE_DATA": fixture.data.string, "HOME": fixture.folder.string])
            let result = try await fixture.runner.run(command, onLine: nil)
            #expect(result.status == .exited(9), "\(result.output) \(result.errorTail)")
            #expect((result.output + result.errorTail).contains("root"))
        }
    }
}
