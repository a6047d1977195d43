import Glibc
import RucheCore
import RucheHost
import RucheImages
import Support
import SystemPackage
import Testing

@testable import RucheBuild

/// The tests that a recipe has, and what is remembered of finished roots.
@Suite(.enabled(if: Machine.canBuild, "needs root, runc and mmdebstrap"))
struct RecipeTestsTests {
    private func withSite(_ body: (BuildSite) async throws -> Void) async throws {
        try await Machine.withFolder { folder in
            let site = try BuildSite(in: folder)
            let root = folder.appending("root")
            try BusyboxRoot.make(at: root)
            try await SystemCommandRunner().runChecked(
                Command("tar", ["-C", root.string, "-cf", site.recipe.appending("root.tar").string, "."]))
            try await body(site)
        }
    }

    private func request(_ site: BuildSite, _ tests: [String], version: String = "1.0.0") throws -> BuildRequest {
        try site.request {
            $0.from = .rootTarball(path: "root.tar")
            $0.version = ReleaseVersion(version) ?? $0.version
            $0.tests = tests
        }
    }

    @Test func noTestSeesWhatAnotherWrote() async throws {
        try await withSite { site in
            let test = "test ! -e /mark && touch /mark && sleep 0.2"
            let result = try await site.build(try request(site, [test, test + " ", test + "  ", test + "   "]))
            #expect(result.release.version.description == "1.0.0")
            #expect(try OverlayMount.mounted(under: site.folder).isEmpty)
        }
    }

    @Test func outputComesInTheOrderOfTheRecipe() async throws {
        try await withSite { site in
            let tests = ["sleep 0.4; echo one", "echo two; sleep 0.2; echo and two", "echo three"]
            _ = try await site.build(try request(site, tests))
            let lines = site.output.split(separator: "\n").map(String.init)
            #expect(
                lines == [
                    "$ \(tests[0])", "one", "$ \(tests[1])", "two", "and two", "$ \(tests[2])", "three",
                ])
        }
    }

    @Test func theFirstOfSeveralFailuresIsTold() async throws {
        try await withSite { site in
            let failing = try request(site, ["true", "sleep 0.4; exit 3", "exit 4", "touch /never"])
            let error = await #expect(throws: RucheError.self) { try await site.build(failing) }
            #expect(error?.code == .testFailed)
            #expect(error?.details["test"] == "1")
            #expect(error?.details["exit_code"] == "3")
            #expect(site.outcomes[1]?.state == .failed && site.outcomes[1]?.exitCode == 3)
            #expect(try OverlayMount.mounted(under: site.folder).isEmpty)
        }
    }

    @Test func aTestIsNotRunAgainOnTheSameRoot() async throws {
        try await withSite { site in
            _ = try await site.build(try request(site, ["echo one", "echo two"]))
            _ = try await site.build(try request(site, ["echo one", "echo three"], version: "2"))
            #expect(!site.output.contains("one") && site.output.contains("three"))
            _ = try await site.build(try request(site, ["echo three", "echo one"], version: "3"))
            #expect(site.output.isEmpty)
            #expect(site.outcomes[1]?.state == .reused)
            var other = try request(site, ["echo one"], version: "4")
            other.recipe.env = ["A": "b"]
            _ = try await site.build(other)
            #expect(site.output.contains("one"), "another environment is another test")
            var forced = try request(site, ["echo one"], version: "5")
            forced.noCache = true
            _ = try await site.build(forced)
            #expect(site.output.contains("one"))
        }
    }

    @Test func theSizeOfAnImageIsThatOfItsLayers() async throws {
        try await withSite { site in
            _ = try await site.build(try request(site, []))
            #expect(site.outcomes[1]?.size == site.outcomes[0]?.size)
        }
    }

    @Test func whatHidesOrBringsPythonPackagesIsNoticed() async throws {
        try await Machine.withFolder { folder in
            let lower = folder.appending("lower")
            try FileTree.makeFolder(lower.appending("opt/venv/lib/site-packages/six.dist-info"))
            try FileTree.makeFolder(lower.appending("srv"))
            func isNeutral(_ make: (FilePath) throws -> Void) throws -> Bool {
                let layer = folder.appending("layer")
                try FileTree.remove(layer)
                try FileTree.makeFolder(layer)
                try make(layer)
                return try PythonPackages.isNeutral(layer, over: [lower])
            }
            #expect(try isNeutral { _ in })
            #expect(
                try isNeutral { layer in
                    try FileTree.makeFolder(layer.appending("opt/venv/bin"))
                    try AtomicFile.write([], to: layer.appending("opt/venv/bin/tool"))
                })
            #expect(try !isNeutral { try FileTree.makeFolder($0.appending("usr/lib/dist-packages")) })
            #expect(try !isNeutral { try AtomicFile.write([], to: $0.appending("opt")) }, "a file hides the folder")
            #expect(try !isNeutral { _ = symlink("/srv", $0.appending("opt").string) })
            #expect(
                try !isNeutral { layer in
                    try FileTree.makeFolder(layer.appending("opt"))
                    _ = mknod(layer.appending("opt/venv").string, S_IFCHR | 0o600, 0)
                })
            #expect(
                try !isNeutral { layer in
                    try FileTree.makeFolder(layer.appending("opt"))
                    let opt = try FileDescriptor.open(layer.appending("opt"), .readOnly)
                    try opt.closeAfter {
                        try FileAttributes.set([121], for: Array("trusted.overlay.opaque".utf8), opt.rawValue)
                    }
                })
        }
    }
}
