import RucheCore
import Synchronization
package import SystemPackage

/// Runs containers in the foreground with `runc run`.
package struct RuncSandbox: Sandboxing {
    /// Tells the killer of a cancelled container that runc has ended.
    private final class End: Sendable {
        let reached = Atomic(false)
    }

    private let runner: any CommandRunning
    private let stateFolder: FilePath
    private let bundles: FilePath

    /// `stateFolder` is where runc keeps what runs, `bundles` where a folder is made for each container.
    package init(runner: any CommandRunning, stateFolder: FilePath, bundles: FilePath) {
        self.runner = runner
        self.stateFolder = stateFolder
        self.bundles = bundles
    }

    /// Throws `engine_unavailable` when runc could not start the program, with runc's reason.
    package func run(
        id: String, _ spec: SandboxSpec, onLine: (@Sendable (OutputLine) -> Void)?
    ) async throws -> ExitStatus {
        try await run(id: id, spec, output: .captured, onLine: onLine)
    }

    /// The same with the program's streams led where `output` says; lines come only when they are captured.
    package func run(
        id: String, _ spec: SandboxSpec, output: Command.Output, onLine: (@Sendable (OutputLine) -> Void)? = nil
    ) async throws -> ExitStatus {
        try ContainerID.check(id)
        let group = try ControlGroup(container: id)
        let configuration = try RuntimeConfiguration(spec, group: group)
        let bundle = bundles.appending(id)
        try FileTree.makeFolder(bundle, permissions: 0o700)
        do {
            try configuration.write(to: bundle)
            let status = try await runForeground(id, bundle, group, output, onLine)
            try await clear(id, bundle, group)
            return status
        } catch {
            try? await clear(id, bundle, group)  // the first error is the one to report
            throw error
        }
    }

    package func reconcile() async throws {
        guard FileTree.isFolder(bundles) else { return }
        for id in try FileTree.names(in: bundles) {
            try ContainerID.check(id)
            try await clear(id, bundles.appending(id), try ControlGroup(container: id))
        }
    }

    private func runForeground(
        _ id: String, _ bundle: FilePath, _ group: ControlGroup, _ output: Command.Output,
        _ onLine: (@Sendable (OutputLine) -> Void)?
    ) async throws -> ExitStatus {
        let log = bundle.appending("runc.log")
        var command = Command(
            Tool.runc.name,
            [
                "--root", stateFolder.string, "--log", log.string, "--log-format", "json", "run", "--bundle",
                bundle.string, id,
            ])
        command.output = output
        let started = command
        let end = End()
        // In a task of its own, which cancelling does not reach: a TERM to runc itself is only passed on to the
        // first process of the container, which ignores it unless it asked for it.
        let running = Task {
            defer { end.reached.store(true, ordering: .relaxed) }
            return try await runner.run(started, onLine: onLine)
        }
        let result = try await withTaskCancellationHandler {
            try await running.value
        } onCancel: {
            // runc may just be making the container: kill what is there until runc has gone.
            Task {
                for _ in 0..<500 where !end.reached.load(ordering: .relaxed) {
                    _ = group.kill()
                    try await Task.sleep(for: .milliseconds(10))
                }
                running.cancel()
            }
        }
        try Task.checkCancellation()
        if !result.status.isSuccess, let reason = RuncLog.firstError(in: log) {
            throw RucheError(.engineUnavailable, "the container could not be started: \(reason)", details: ["id": id])
        }
        return result.status
    }

    /// Ends what is left and removes every trace, in a task of its own so that cancelling can't stop it.
    private func clear(_ id: String, _ bundle: FilePath, _ group: ControlGroup) async throws {
        try await Task {
            try await group.end()
            if FileTree.exists(stateFolder.appending(id)) {
                let command = Command(Tool.runc.name, ["--root", stateFolder.string, "delete", "--force", id])
                try await runner.runChecked(command)
            }
            try group.remove()
            try FileTree.remove(bundle)
        }.value
    }
}
