import Foundation
import Glibc
import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// A build goes on when the process that does it ends, by whatever death.
@Suite struct TakeOverTests {
    /// A recipe with a quick step, one that takes `seconds`, and a quick one.
    private func recipe(_ fixture: RucheFixture, _ name: String, seconds: Int) async throws -> FilePath {
        let folder = try await fixture.busyboxRecipe(name: "test/\(name)")
        let file = folder.appending("ruche.yaml")
        let text = String(decoding: try AtomicFile.read(file), as: UTF8.self)
        let steps =
            "  - shell: \"echo one > /one\"\n  - shell: \"echo \(name) > /two; sleep \(seconds)\"\n  - shell: \"echo three > /three\"\n"
        try AtomicFile.write(Array(text.replacing("pipeline:", with: steps + "pipeline:").utf8), to: file)
        return folder
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

    /// Waits until step `index` of some build runs in its container.
    private func untilStep(_ index: Int, of count: Int = 1, _ fixture: RucheFixture) async throws {
        let bundles = fixture.data.appending("run/bundles")
        try await eventually(within: .seconds(60), "step \(index) runs") {
            let names = FileTree.isFolder(bundles) ? try FileTree.names(in: bundles) : []
            return names.filter { $0.hasPrefix("ruche-build-") && $0.contains("-\(index)-") }.count >= count
        }
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
        try await eventually(within: .seconds(20), "the server answers") {
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
            let folder = try await recipe(fixture, "served", seconds: 2)
            try await fixture.tool("tar", "-C", folder.string, "-cf", "\(fixture.folder)/context.tar", ".")
            async let first = start(fixture, "first", ["serve"])
            try await eventually(within: .seconds(20), "the server answers") {
                (try? await operations(fixture)) != nil
            }
            let text = try await fixture.tool(
                "curl", "-sS", "--unix-socket", fixture.data.appending("run/api.sock").string, "--data-binary",
                "@\(fixture.folder)/context.tar", "http://ruche/api/v1/builds")
            let begun = try JSONDecoder().decode(OperationDocument.self, from: Data(text.utf8))
            try await untilStep(3, fixture)
            try signal(fixture, "first", end)
            _ = try await first
            async let second = start(fixture, "second", ["serve"])
            try await eventually(within: .seconds(60), "the build ends") {
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
                try await recipe(fixture, "one", seconds: 2), try await recipe(fixture, "two", seconds: 2)
            )
            async let killed = start(fixture, "one", ["build", one.string])
            try await untilStep(3, fixture)
            async let follower = start(fixture, "two", ["build", two.string])
            try await untilStep(3, of: 2, fixture)
            try signal(fixture, "one", SIGKILL)
            #expect(try await killed.status == .signalled(SIGKILL))
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
                try await recipe(fixture, "short", seconds: 1), try await recipe(fixture, "long", seconds: 4)
            )
            async let first = start(fixture, "short", ["build", short.string])
            try await untilStep(3, fixture)
            async let second = start(fixture, "long", ["build", long.string])
            let done = try await first
            #expect(done.status == .exited(0), "\(done.output)\n\(done.errorTail)")
            #expect(!FileTree.exists(fixture.data.appending("content/refs/test/long/releases/1.0.0.json")))
            let result = try await second
            #expect(result.status == .exited(0), "\(result.output)\n\(result.errorTail)")
            #expect(try await states(fixture) == ["succeeded", "succeeded"])
        }
    }

    @Test func aCommandThatFollowsNothingIsNotHeldUpByAKilledBuild() async throws {
        try await RucheFixture.with { fixture in
            let folder = try await recipe(fixture, "alone", seconds: 100)
            async let killed = start(fixture, "alone", ["build", folder.string])
            try await untilStep(3, fixture)
            try signal(fixture, "alone", SIGKILL)
            _ = try await killed
            try await fixture.ruche("image", "list")
            #expect(try await states(fixture) == ["failed"])
            #expect(try isMissingOrEmpty(fixture.data.appending("cache/work")))
        }
    }
}
