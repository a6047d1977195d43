import Glibc
import RucheCore
import RucheHost
import RucheImages
import SystemPackage
import Testing

@testable import RucheBuild

/// Stands for programs and containers where none may run.
private struct Refusing: CommandRunning, Sandboxing {
    func run(_ command: Command, onLine: (@Sendable (OutputLine) -> Void)?) async throws -> CommandResult {
        throw refusal("the program \(command.executable)")
    }

    func run(
        id: String, _ spec: SandboxSpec, onLine: (@Sendable (OutputLine) -> Void)?
    ) async throws -> RucheHost.ExitStatus { throw refusal("the container \(id)") }

    func reconcile() async throws { throw refusal("the end of containers") }

    /// Recorded as well: some callers do without a program that can't be run.
    private func refusal(_ what: String) -> RucheError {
        Issue.record("\(what) was asked for")
        return RucheError(.internalError, "\(what) was asked for")
    }
}

@Suite(.enabled(if: Machine.canBuild, "needs root, runc and mmdebstrap"), .serialized)
struct BuilderTests {
    private func fullRecipe(_ recipe: inout Recipe) {
        recipe.steps = [
            .apt(AptStep(packages: ["hello"])),
            .copy(CopyStep(from: "job", to: "/pipeline/job", mode: 0o755)),
            .shell(ShellStep(source: .inline("useradd --system worker\nhello > /greeting\necho done here\n"))),
        ]
        recipe.user = "worker"
        recipe.env = ["GREETING": "salut"]
        recipe.tests = ["hello | grep -q world", "test \"$GREETING\" = salut", "test \"$(id -un)\" = worker"]
        recipe.variants = [.oci, .lxd]
    }

    @Test func buildsFromRecipeToReleaseAndReusesEverything() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            try site.write("#!/bin/sh\necho run\n", to: "job/run.sh")
            let request = try site.request(fullRecipe)
            let result = try await site.build(request)
            #expect(result.builtSteps == 3)
            #expect(result.reusedSteps == 1)
            #expect(site.output.contains("done here"))
            #expect(result.lock.apt["hello"] != nil)
            #expect(result.lock.files["job/run.sh"] != nil)
            #expect(result.release.referrers.count == 5)
            #expect(result.release.index.manifests.count == 2)
            let config = try await site.config(result.release)
            #expect(config.config?.User == "worker")
            #expect(config.config?.Env?.contains("GREETING=salut") == true)
            #expect(config.history?.last?.created_by?.hasPrefix("ruche shell useradd") == true)

            let layers = try await site.layerFolders(result.release)
            try expectClean(layers)
            #expect(FileTree.exists(layers[2].appending("pipeline/job/run.sh")))
            #expect(try AtomicFile.read(layers[3].appending("greeting")) == Array("Hello, world!\n".utf8))

            let second = try BuildSite(in: folder, sandbox: Refusing(), runner: Refusing())
            let clock = ContinuousClock.now
            let again = try await second.build(request)
            #expect(clock.duration(to: .now) < .seconds(20))
            #expect(again.release.digest == result.release.digest)
            #expect(again.builtSteps == 0)
            #expect(second.outcomes.values.allSatisfy { $0.state == .reused })
            #expect(try FileTree.names(in: second.configuration.work).isEmpty)
            #expect(try OverlayMount.mounted(under: folder).isEmpty)
        }
    }

    /// No identity, log, cache or name resolution of the build machine is in any layer.
    private func expectClean(_ layers: [FilePath]) throws {
        for layer in layers {
            for path in ["var/log", "var/lib/apt/lists", "var/cache/apt", "tmp", "run", "root/.cache"]
            where FileTree.isFolder(layer.appending(path)) {
                #expect(try FileTree.names(in: layer.appending(path)).isEmpty, "\(path) in \(layer)")
            }
            for path in ["usr/sbin/policy-rc.d", "etc/apt/preferences.d/ruche-lock", "var/lib/dpkg/status-old"] {
                #expect(!FileTree.exists(layer.appending(path)), "\(path) in \(layer)")
            }
            for path in ["etc/machine-id", "etc/resolv.conf"] where FileTree.exists(layer.appending(path)) {
                #expect(try AtomicFile.read(layer.appending(path)).isEmpty, "\(path) in \(layer)")
            }
        }
        for layer in layers.dropFirst() {
            for path in ["etc/resolv.conf", "etc/hosts", "etc/hostname", "run", "tmp"] {
                #expect(!FileTree.exists(layer.appending(path)), "\(path) in \(layer)")
            }
        }
    }

    @Test func resumesAtTheStepThatFailed() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            try site.write("echo one > /one\n", to: "one.sh")
            try site.write("echo trouble; exit 7\n", to: "two.sh")
            let request = try site.request {
                $0.steps = [
                    .shell(ShellStep(source: .file("one.sh"))), .shell(ShellStep(source: .file("two.sh"))),
                ]
            }
            let error = await #expect(throws: RucheError.self) { try await site.build(request) }
            #expect(error?.code == .buildFailed)
            #expect(error?.details["step"] == "2")
            #expect(error?.details["exit_code"] == "7")
            #expect(site.output.contains("trouble"))
            #expect(site.outcomes[2]?.state == .failed)
            #expect(try FileTree.names(in: site.configuration.work).isEmpty)

            try site.write("test -e /one && echo two > /two\n", to: "two.sh")
            let plan = try await site.builder.plan(request)
            #expect(plan[1].reused)
            #expect(!plan[2].reused)
            #expect(plan[2].reason == "two.sh changed")
            let result = try await site.build(request)
            #expect(result.builtSteps == 1)
            #expect(site.outcomes[1]?.state == .reused)
        }
    }

    @Test func explainsTheOneThingThatChanged() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            try site.write("a", to: "job/a")
            func request(_ packages: [String]) throws -> BuildRequest {
                try site.request {
                    $0.steps = [
                        .copy(CopyStep(from: "job", to: "/job")), .apt(AptStep(packages: packages)),
                        .shell(ShellStep(source: .inline("true"))),
                    ]
                }
            }
            #expect(try await site.builder.plan(request(["hello"]))[1].reason == "never built")
            _ = try await site.build(request(["hello"]))
            #expect(try await site.builder.plan(request(["hello"])).allSatisfy(\.reused))
            let other = try await site.builder.plan(request(["sl"]))
            #expect(other[2].reason == "text changed: apt packages +sl -hello")
            #expect(other[3].reason == "parent layer changed (step 2)")
            try site.write("b", to: "job/a")
            let changed = try await site.builder.plan(request(["hello"]))
            #expect(changed[1].reason == "job/a changed")
            #expect(changed[2].reason == "parent layer changed (step 1)")
            var fresh = try request(["hello"])
            fresh.noCache = true
            #expect(try await site.builder.plan(fresh)[1].reason == "--no-cache")
            fresh.refresh = true
            #expect(try await site.builder.plan(fresh)[0].reason == "--refresh")
        }
    }

    @Test func failingTestFailsTheBuild() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            let request = try site.request {
                $0.steps = [.shell(ShellStep(source: .inline("echo x > /x")))]
                $0.tests = ["true", "echo written > /x; echo bad luck; exit 3"]
            }
            let error = await #expect(throws: RucheError.self) { try await site.build(request) }
            #expect(error?.code == .testFailed)
            #expect(error?.details["exit_code"] == "3")
            #expect(site.output.contains("bad luck"))
            #expect(try await site.releases.release(request.recipe.name, request.recipe.version) == nil)
        }
    }

    @Test func refusesOtherContentUnderAVersion() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            _ = try await site.build(
                try site.request { $0.steps = [.shell(ShellStep(source: .inline("echo 1 > /x")))] })
            let error = await #expect(throws: RucheError.self) {
                try await site.build(
                    try site.request { $0.steps = [.shell(ShellStep(source: .inline("echo 2 > /x")))] })
            }
            #expect(error?.code == .immutable)
        }
    }

    @Test func namesThePackageThatDoesNotExist() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            let request = try site.request { $0.steps = [.apt(AptStep(packages: ["no-such-package-here"]))] }
            let error = await #expect(throws: RucheError.self) { try await site.build(request) }
            #expect(error?.code == .buildFailed)
            #expect(error?.details["package"] == "no-such-package-here")
        }
    }

    @Test func stepsHaveNoNetworkUnlessTheyAsk() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            let count = "test \"$(tail -n +3 /proc/net/dev | wc -l)\" -"
            let request = try site.request {
                $0.steps = [
                    .shell(ShellStep(source: .inline(count + "eq 1"))),
                    .shell(ShellStep(source: .inline(count + "gt 1"), network: true)),
                ]
            }
            #expect(try await site.build(request).builtSteps == 2)
        }
    }

    @Test func cancellingEndsTheStepAndLeavesNothing() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            let request = try site.request {
                $0.steps = [.shell(ShellStep(source: .inline("echo started; exec sleep 4711")))]
            }
            let (started, continuation) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await site.builder.build(request) { event in
                    if case .stepOutput = event { continuation.yield() }
                }
            }
            for await _ in started { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try FileTree.names(in: site.configuration.work).isEmpty)
            #expect(try OverlayMount.mounted(under: folder).isEmpty)
        }
    }

    @Test func lockIsReproducedOrItsDifferencesListed() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            var request = try site.request { $0.steps = [.apt(AptStep(packages: ["hello"]))] }
            let first = try await site.build(request)
            request.lock = first.lock
            let again = try await site.build(request)
            #expect(again.release.digest == first.release.digest && again.builtSteps == 0)
            request.noCache = true
            #expect(try await site.build(request).release.digest == first.release.digest)
            request.lock?.apt["hello"] = "0.1-1"
            let error = await #expect(throws: RucheError.self) { try await site.build(request) }
            #expect(error?.message.contains("hello") == true)
        }
    }

    @Test func aStepRunAgainGivesTheSameLayer() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            var request = try site.request {
                $0.steps = [
                    .apt(AptStep(packages: ["hello", "python3-pip", "python3-venv"])),
                    .pip(PipStep(packages: ["six"], venv: "/opt/venv")),
                ]
            }
            let first = try await site.build(request)
            request.noCache = true
            request.recipe.version = try #require(ReleaseVersion("1.0.1"))
            let second = try await site.build(request)
            let before = try await site.layerFolders(first.release)
            let after = try await site.layerFolders(second.release)
            #expect(before == after)
            #expect(second.builtSteps == 2)
        }
    }

    @Test func startsFromAReleaseOfTheCatalogue() async throws {
        try await Machine.withFolder { folder in
            let site = try await SharedBase.shared.site(in: folder)
            let first = try await site.build(
                try site.request {
                    $0.steps = [.shell(ShellStep(source: .inline("echo base > /base")))]
                    $0.env = ["KEPT": "yes"]
                })
            let name = try #require(EnvironmentName("lab/other"))
            let request = try site.request {
                $0.name = name
                $0.from = .environment("lab/thing:1.0.0")
                $0.steps = [.shell(ShellStep(source: .inline("test \"$KEPT\" = yes\ncat /base > /copy")))]
            }
            let second = try await site.build(request)
            let lower = try await site.layerFolders(first.release)
            let all = try await site.layerFolders(second.release)
            #expect(all.count == 3)
            #expect(Array(all.prefix(2)) == lower)
        }
    }
}
