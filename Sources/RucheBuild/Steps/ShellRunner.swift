import RucheCore
import RucheHost
import SystemPackage

/// `shell:` — runs one script. Of the recipe's folder the container sees the script alone.
struct ShellRunner {
    let step: ShellStep
    let running: RunningStep

    private static let script = "/run/ruche/step"

    func run() async throws -> [String] {
        let file = running.scratch.appending("script")
        let bytes: [UInt8]
        let name: String
        switch step.source {
        case .file(let path):
            bytes = try AtomicFile.read(try running.source.locate(path))
            name = path
        case .inline(let text):
            bytes = Array(text.utf8)
            name = "the script"
        }
        try AtomicFile.write(
            bytes, to: file, permissions: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
        guard let interpreter = step.interpreter.first,
            try RootPath.program(interpreter, in: running.root) != nil
        else {
            throw RucheError(
                .buildFailed,
                "the interpreter \"\(step.interpreter.first ?? "")\" is not in the image: install it in an earlier step"
            )
        }
        let mount = SandboxSpec.Mount(source: file, destination: Self.script, readOnly: true)
        let container = StepContainer(
            arguments: step.interpreter + [Self.script], environment: step.env, network: step.network, mounts: [mount])
        let keeper = LineKeeper(next: running.onLine)
        try StepFailure.check(try await running.run(container, keeping: keeper), name, keeper)
        return [Self.script]
    }
}
