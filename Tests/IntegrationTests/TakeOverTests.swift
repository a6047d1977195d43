import Foundation
import Glibc
import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// A build goes on when the process that does it ends, by whatever death.
@Suite struct TakeOverTests {
    /// A recipe with a quick step, one that waits until the test lets it go, and a quick one.
    private func recipe(_ fixture: RucheFixture, _ name: String) async throws -> FilePath {
        let folder = try await fixture.busyboxRecipe(name: "test/\(name)")
        let file = folder.appending("ruche.yaml")
        let text = String(decoding: try AtomicFile.read(file), as: UTF8.self)
        let steps = """
              - shell: "echo one > /one"
              - shell: "printf \(name) > /two; until [ -e /go ]; do sleep 0.05; done; rm /go"
              - shell: "echo three > /three"

            """
        try AtomicFile.write(Array(text.replacing("pipeline:", with: steps + "pipeline:").utf8), to: file)
        return folder
    }

    /// The roots of the steps that wait, by the name of their recipe.
    private func waiting(_ fixture: RucheFixture) -> [String: FilePath] {
        let work = fixture.data.appending("cache/work")
        // A build that ends meanwhile takes its folder away.
        let builds = (try? FileTree.names(in: work)) ?? []
        return builds.reduce(into: [:]) { result, build in
            let root = work.appending(build).appending("3/root")
            guard let name = try? AtomicFile.read(root.appending("two")) else { return }
            result[String(decoding: name, as: UTF8.self)] = root
        }
    }

    private func untilWaiting(_ names: Set<String>, _ fixture: RucheFixture) async throws {
        try await eventually(within: .seconds(60), "\(names) wait") {
            names.isSubset(of: waiting(fixture).keys)
        }
    }

    private func letGo(_ name: String, _ fixture: RucheFixture) {
        // A step that has ended needs it no more.
        if let root = waiting(fixture)[name] { try? AtomicFile.write([], to: root.appending("go"), durable: false) }
    }

    /// Lets every step go that waits, until it is cancelled.
    private func letAllGo(_ fixture: RucheFixture) -> Task<Void, any Error> {
        Task {
            while !Task.isCancelled {
                for name in waiting(fixture).keys { letGo(name, fixture) }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Runs the program until it ends; its process number is in `NAME.pid` meanwhile.
    private func start(_ fixture: RucheFixture, _ name: String, _ arguments: [String]) async throws -> CommandResult {
        try await fixture.runner.run(
            Command(
                "/bin/sh",
                ["-c", "echo $$ > \(fixture.folder)/\(name).pid; exec \"$@\"", "sh", RucheFixture.program] + arguments,
                environment: ["RUCHE_DATA": fixture.data.string, "HOME": fixture.folder.string, "NO_COLOR": "1"]),
            onLine: nil)
    }

    private func signal(_ fixture: RucheFixture, _ name: String, _ signal: Int32) throws {
        let text = String(decoding: try AtomicFile.read(fixture.folder.appending(name + ".pid")), as: UTF8.self)
        let pid = try #require(Int32(text.filter(\.isNumber)))
        #expect(kill(pid, signal) == 0)
    }

    private func operations(_ fixture: RucheFixture) async throws -> [OperationDocument] {
        let text = try await fixture.tool(
            "curl", "-sS", "--unix-socket", fixture.data.appending("run/api.sock").string,
            "http://ruche/api/v1/operations")
        struct Answer: Decodable { var items: [OperationDocument] }
        return try JSONDecoder().decode(Answer.self, from: Data(text.utf8)).items
    }

    /// The states of all operations, asked of a server of its own.
    private func states(_ fixture: RucheFixture) async throws -> [String] {
        async let served = start(fixture, "states", ["serve"])
        try await eventually(within: .seconds(60), "the server answers") {
            (try? await operations(fixture)) != nil
        }
        let states = try await operations(fixture).map(\.state)
        try signal(fixture, "states", SIGTERM)
        _ = try await served
        return states
    }

    @Test(arguments: [SIGKILL, SIGTERM])
    func aBuildOutlivesItsServerUnderTheSameIdentifier(_ end: Int32) async throws {
        try await RucheFixture.with { fixture in
            let folder = try await recipe(fixture, "served")
            try await fixture.tool("tar", "-C", folder.string, "-cf", "\(fixture.folder)/context.tar", ".")
            async let first = start(fixture, "first", ["serve"])
            try await eventually(within: .seconds(60), "the server answers") {
                (try? await operations(fixture)) != nil
            }
            let text = try await fixture.tool(
                "curl", "-sS", "--unix-socket", fixture.data.appending("run/api.sock").string, "--data-binary",
                "@\(fixture.folder)/context.tar", "http://ruche/api/v1/builds")
            let begun = try JSONDecoder().decode(OperationDocument.self, from: Data(text.utf8))
            try await untilWaiting(["served"], fixture)
            try signal(fixture, "first", end)
            _ = try await first
            async let second = start(fixture, "second", ["serve"])
            try await eventually(within: .seconds(60), "the build ends") {
                letGo("served", fixture)
                guard let operation = try? await operations(fixture).first else { return false }
                #expect(operation.id == begun.id)
                return operation.state != "running"
            }
            let ended = try #require(try await operations(fixture).first)
            #expect(ended.state == "succeeded", "\(ended)")
            // Base, copy and the first shell step were finished before.
            #expect(ended.result?["reusedSteps"] == 3, "\(ended)")
            #expect(try isMissingOrEmpty(fixture.data.appending("operations/\(begun.id)/inputs")))
            try signal(fixture, "second", SIGTERM)
            _ = try await second
            try await fixture.ruche("verify")
            try await fixture.ruche("image", "show", "test/served")
        }
    }

    @Test func aFollowerTakesOverWhenTheServingCommandIsKilled() async throws {
        try await RucheFixture.with { fixture in
            let (one, two) = (
                try await recipe(fixture, "one"), try await recipe(fixture, "two")
            )
            async let killed = start(fixture, "one", ["build", one.string])
            try await untilWaiting(["one"], fixture)
            async let follower = start(fixture, "two", ["build", two.string])
            try await untilWaiting(["one", "two"], fixture)
            try signal(fixture, "one", SIGKILL)
            #expect(try await killed.status == .signalled(SIGKILL))
            let opener = letAllGo(fixture)
            defer { opener.cancel() }
            let result = try await follower
            #expect(result.status == .exited(0), "\(result.output)\n\(result.errorTail)")
            #expect(result.output.contains("test/two:1.0.0"))
            // The follower served on until the other build was done as well.
            #expect(try await states(fixture) == ["succeeded", "succeeded"])
            try await fixture.ruche("image", "show", "test/one")
            try await fixture.ruche("verify")
        }
    }

    @Test func aCommandThatIsDoneHandsOverToTheOneThatWaits() async throws {
        try await RucheFixture.with { fixture in
            let (short, long) = (
                try await recipe(fixture, "short"), try await recipe(fixture, "long")
            )
            async let first = start(fixture, "short", ["build", short.string])
            try await untilWaiting(["short"], fixture)
            async let second = start(fixture, "long", ["build", long.string])
            try await untilWaiting(["short", "long"], fixture)
            letGo("short", fixture)
            let done = try await first
            #expect(done.status == .exited(0), "\(done.output)\n\(done.errorTail)")
            #expect(!FileTree.exists(fixture.data.appending("content/refs/test/long/releases/1.0.0.json")))
            let opener = letAllGo(fixture)
            defer { opener.cancel() }
            let result = try await second
            #expect(result.status == .exited(0), "\(result.output)\n\(result.errorTail)")
            #expect(try await states(fixture) == ["succeeded", "succeeded"])
        }
    }

    @Test func aCommandThatFollowsNothingIsNotHeldUpByAKilledBuild() async throws {
        try await RucheFixture.with { fixture in
            let folder = try await recipe(fixture, "alone")
            async let killed = start(fixture, "alone", ["build", folder.string])
            try await untilWaiting(["alone"], fixture)
            try signal(fixture, "alone", SIGKILL)
            _ = try await killed
            try await fixture.ruche("image", "list")
            #expect(try await states(fixture) == ["failed"])
            #expect(try isMissingOrEmpty(fixture.data.appending("cache/work")))
        }
    }
}
