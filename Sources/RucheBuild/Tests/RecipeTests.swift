import Glibc
import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// The tests of a recipe, each in a container of its own over a layer that is thrown away: none sees what another
/// wrote, so they run side by side, one a processor.
struct RecipeTests {
    let recipe: Recipe
    let setting: StepSetting
    let journal: BuildJournal
    /// Index of the step that they are.
    let index: Int
    let account: ImageAccount
    let workingDirectory: String
    /// The root's layers, lowest first.
    let layers: [PythonPackages.Layer]
    /// Run also what is known to pass.
    let isForced: Bool

    /// That a test passed, kept under all that it depends on.
    private struct Passed: Codable {
        var title: String
    }

    private struct Ended: Sendable {
        var offset: Int
        var result: Result<ExitStatus, any Error>
    }

    private var records: RecordFolder<Passed> {
        RecordFolder(folder: setting.configuration.cache.appending("tests"))
    }

    /// Throws `test_failed` for the first of the recipe's tests that fails; later ones are then stopped.
    func run() async throws {
        let start = ContinuousClock.now
        journal.started(index, "tests")
        let keys = try recipe.tests.map { try key($0) }
        let wanted = recipe.tests.indices.filter { isForced || records.read(keys[$0]) == nil }
        do {
            try await run(wanted) { try records.write(Passed(title: recipe.tests[$0]), as: keys[$0], durable: false) }
        } catch {
            let code = (error as? RucheError)?.details["exit_code"].flatMap { Int($0) }
            journal.finished(
                index, StepOutcome(state: .failed, seconds: start.duration(to: .now).seconds, exitCode: code))
            throw error
        }
        journal.finished(
            index,
            StepOutcome(state: wanted.isEmpty ? .reused : .built, seconds: start.duration(to: .now).seconds))
    }

    private func key(_ command: String) throws -> String {
        let variables = environment.map { "\($0.key)=\($0.value)" }.sorted()
        let parts = ["ruche test 1", command, workingDirectory, "\(account.uid):\(account.gid)", "\(variables.count)"]
        return try CanonicalJSON.digest(parts + variables + layers.map(\.digest.hex)).hex
    }

    private func run(_ offsets: [Int], _ passed: (Int) throws -> Void) async throws {
        let output = TestOutput(offsets, next: journal.output(of: index))
        try await withThrowingTaskGroup(of: Ended.self) { group in
            var waiting = offsets[...]
            var running: Set<Int> = []
            var failed: Ended?
            func startNext() {
                guard failed == nil, let offset = waiting.popFirst() else { return }
                running.insert(offset)
                group.addTask { await perform(offset, output) }
            }
            for _ in 0..<max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) { startNext() }
            while let ended = try await group.next() {
                running.remove(ended.offset)
                if case .success(let status) = ended.result, status.isSuccess {
                    try passed(ended.offset)
                } else if ended.offset < failed?.offset ?? .max {
                    failed = ended
                }
                // Of several failures the first in the recipe is told, so those before this one come to their end.
                if let failed, !running.contains(where: { $0 < failed.offset }) { break }
                startNext()
            }
            group.cancelAll()
            if let failed { throw try failure(failed) }
        }
    }

    private func perform(_ offset: Int, _ output: TestOutput) async -> Ended {
        let result: Result<ExitStatus, any Error>
        do { result = .success(try await run(recipe.tests[offset], offset, output)) } catch { result = .failure(error) }
        output.end(of: offset)
        return Ended(offset: offset, result: result)
    }

    private func failure(_ ended: Ended) throws -> RucheError {
        let status = try ended.result.get()
        let command = recipe.tests[ended.offset]
        return RucheError(
            .testFailed, "the test \"\(command)\" failed with exit code \(status.shellCode)",
            details: [
                "step": String(index), "test": String(ended.offset), "title": command,
                "exit_code": String(status.shellCode),
            ])
    }

    private func run(_ command: String, _ offset: Int, _ output: TestOutput) async throws -> ExitStatus {
        let name = "test-\(offset)"
        let upper = try setting.workspace.folder(name + "/upper")
        let root = try setting.workspace.folder(name + "/root")
        try OverlayMount.mount(
            lower: layers.map(\.folder), upper: upper, work: try setting.workspace.folder(name + "/work"), at: root,
            durable: false)
        defer { try? Workspace.remove(setting.workspace.folder.appending(name)) }  // the workspace goes with the build
        var spec = SandboxSpec(root: root, arguments: ["/bin/sh", "-c", command])
        spec.environment = environment
        spec.uid = account.uid
        spec.gid = account.gid
        spec.workingDirectory = workingDirectory
        output.take(OutputLine(stream: .stdout, text: "$ \(command)"), of: offset)
        let id = "ruche-test-\(setting.workspace.id)-\(offset)"
        let status = try await setting.sandbox.run(id: id, spec) { output.take($0, of: offset) }
        try Task.checkCancellation()
        return status
    }

    private var environment: [String: String] {
        var result = ["PATH": Tool.searchPath, "HOME": account.home, "LANG": "C.UTF-8"]
        for (key, value) in setting.environment.merging(recipe.env, uniquingKeysWith: { $1 }) { result[key] = value }
        return result
    }
}
