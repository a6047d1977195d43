import Glibc
import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Kill -9 of the program, at every step of a build and while a job runs.
@Suite struct CrashTests {
    @Test(arguments: [50, 120, 250, 400, 600, 900, 1300])
    func aKilledBuildResumesAndLeavesNothing(milliseconds: Int) async throws {
        try await RucheFixture.with { fixture in
            let recipe = try await fixture.busyboxRecipe()
            let file = recipe.appending("ruche.yaml")
            let text = String(decoding: try AtomicFile.read(file), as: UTF8.self)
            let slow = text.replacing(
                "pipeline:",
                with:
                    "  - shell: \"echo one > /one; sleep 0.3\"\n  - shell: \"echo two > /two; sleep 0.3\"\ntests: [\"test -s /one && test -s /two\"]\npipeline:"
            )
            try AtomicFile.write(Array(slow.utf8), to: file)
            try await fixture.kill(after: .milliseconds(milliseconds), ["build", recipe.string])
            try await fixture.ruche("build", recipe.string)
            try await fixture.ruche("verify")
            let mounts = String(decoding: try AtomicFile.read("/proc/self/mounts"), as: UTF8.self)
            #expect(!mounts.contains(fixture.data.string), "no mount is left")
            let work = fixture.data.appending("cache/work")
            #expect(try isMissingOrEmpty(work))
        }
    }

    @Test func aBuildKilledWhileItPublishesIsPublishedByTheNext() async throws {
        try await RucheFixture.with { fixture in
            let recipe = try await fixture.busyboxRecipe()
            let release = fixture.data.appending("content/refs/test/tiny/releases/1.0.0.json")
            try await fixture.killAtPublish(recipe)
            #expect(!FileTree.exists(release))
            try await fixture.ruche("verify")
            try await fixture.ruche("image", "show", "test/tiny", code: 3)
            try await fixture.ruche("build", recipe.string)
            #expect(FileTree.exists(release))
            try await fixture.ruche("gc")
            try await fixture.ruche("verify")
            try await fixture.ruche("run", "test/tiny")
        }
    }

    @Test func whatABuildKilledWhileItPublishesLeftIsCollected() async throws {
        try await RucheFixture.with { fixture in
            let recipe = try await fixture.busyboxRecipe()
            try await fixture.killAtPublish(recipe)
            try await fixture.ruche("gc")
            #expect(try isMissingOrEmpty(fixture.data.appending("content/blobs/sha256")))
            try await fixture.ruche("build", recipe.string)
            try await fixture.ruche("verify")
            try await fixture.ruche("run", "test/tiny")
        }
    }

    @Test func aJobOutlivesItsServerAndLosesNoOutput() async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(
                job: "echo begun; echo a > /pipeline/outputs/a; sleep 3; echo b > /pipeline/outputs/b; echo ended")
            try await fixture.killWhen(["run", release]) {
                FileTree.exists(fixture.data.appending("jobs"))
                    && (try? fixture.firstJobFolder()).map { FileTree.exists($0.appending("outputs/a")) } == true
            }
            let id = try #require(try fixture.firstJobFolder().lastComponent?.string)
            var job = try await fixture.job(id)
            #expect(!job.state.isFinal || job.state == .succeeded)
            try await eventually(within: .seconds(60), "the job ends") {
                job = try await fixture.job(id)
                return job.state.isFinal
            }
            #expect(job.state == .succeeded, "\(job)")
            #expect(job.outputs.map(\.path) == ["a", "b"])
            let logs = try await fixture.ruche("job", "logs", id)
            #expect(logs.output.contains("begun") && logs.output.contains("ended"))
            try await fixture.expectNothingLeft(of: job)
        }
    }

    @Test(arguments: [20, 60, 100, 150, 200, 300])
    func aKilledRunIsReconciled(milliseconds: Int) async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(job: "echo x > /pipeline/outputs/x")
            try await fixture.kill(after: .milliseconds(milliseconds), ["run", release])
            let list = try await fixture.ruche("job", "list", "--json")
            for listed in try JSONText.whole([JobSummaryDocument].self, list.output) {
                var job = try await fixture.job(listed.id.description)
                try await eventually(within: .seconds(60), "job \(job.id) ends") {
                    job = try await fixture.job(job.id.description)
                    return job.state.isFinal
                }
                #expect(job.state == .succeeded || job.exit?.reason == .engineFailure, "\(job)")
                if job.state == .succeeded { #expect(job.outputs.map(\.path) == ["x"]) }
                try await fixture.expectNothingLeft(of: job)
            }
        }
    }
}

extension RucheFixture {
    func firstJobFolder() throws -> FilePath {
        let jobs = data.appending("jobs")
        return jobs.appending(try FileTree.names(in: jobs).first ?? "none")
    }

    func job(_ id: String) async throws -> JobDocument {
        try JSONText.whole(JobDocument.self, try await ruche("job", "show", id, "--json").output)
    }

    /// Cancels a job and returns when it is over.
    func cancel(_ id: String) async throws {
        try await ruche("job", "cancel", id)
        try await eventually(within: .seconds(60), "the job is over") { try await job(id).state.isFinal }
    }

    /// Starts the program and ends it with SIGKILL after a while, or lets it end by itself before.
    func kill(after delay: Duration, _ arguments: [String]) async throws {
        let deadline = ContinuousClock().now + delay
        try await killWhen(arguments) { ContinuousClock().now >= deadline }
    }

    /// Kills a build that has every blob in place and its name not yet written.
    func killAtPublish(_ recipe: FilePath, of name: String = "test/tiny") async throws {
        let refs = data.appending("content/refs")
        try FileTree.makeFolder(refs)
        // Who publishes waits for the catalogue's lock, which is held here.
        let lock = try #require(try FileLock.tryAcquire(refs.appending(".lock")))
        let blobs = data.appending("content/blobs/sha256")
        try await killWhen(["build", recipe.string]) {
            let names = (try? FileTree.names(in: blobs)) ?? []
            return names.contains { file in
                guard let bytes = try? AtomicFile.read(blobs.appending(file), limit: 64 << 10) else { return false }
                return String(decoding: bytes, as: UTF8.self).contains("org.opencontainers.image.title\":\"\(name)")
            }
        }
        withExtendedLifetime(lock) {}
    }

    /// Starts the program and ends it with a signal as soon as `condition` holds. `setup` is shell that runs before, in
    /// a mount namespace of its own.
    func killWhen(
        _ arguments: [String], after setup: String? = nil, with signal: Int32 = SIGKILL,
        _ condition: @escaping @Sendable () -> Bool
    ) async throws {
        let pidFile = folder.appending("pid")
        let script = "echo $$ > \(pidFile.string)\n\(setup ?? ":")\nexec \"$@\""
        let shell = Command(
            "unshare", (setup == nil ? [] : ["-m"]) + ["/bin/sh", "-ec", script, "sh", Self.program] + arguments,
            environment: ["RUCHE_DATA": data.string, "HOME": folder.string])
        async let end = Result(catching: { [runner] in try await runner.run(shell, onLine: nil) })
        try await eventually(within: .seconds(120), every: .milliseconds(2), "the moment to kill comes") {
            guard condition(), let text = try? AtomicFile.read(pidFile),
                let pid = Int32(String(decoding: text, as: UTF8.self).split(separator: "\n").first ?? "")
            else { return false }
            Glibc.kill(pid, signal)
            return true
        }
        _ = await end
        try FileTree.remove(pidFile)
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous body returned or threw.
    init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
