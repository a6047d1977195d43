import RucheCore
import RucheHost
import Synchronization
import SystemPackage

/// Runs a template of Packer under its own builder, as the person who asks, and finds the disk that came of it.
struct PackerBuild {
    let runner: any CommandRunning
    let template: FilePath
    let arguments: [String]
    let environment: [String: String]

    /// The disk. `onLine` gets what Packer says. Throws `unsupported` when the template makes no disk, or several.
    func run(_ onLine: @escaping @Sendable (String) -> Void) async throws -> FilePath {
        try Tool.require(.packer)
        let folder = template.removingLastComponent()
        let name = template.lastComponent?.string ?? ""
        let command = Command(
            Tool.packer.name, ["build", "-machine-readable"] + arguments + [name],
            environment: environment.merging(["CHECKPOINT_DISABLE": "1"]) { own, _ in own }, workingDirectory: folder)
        let output = Mutex(PackerOutput())
        let result = try await runner.run(command) { line in
            if case .text(let text, _) = output.withLock({ $0.read(line.text) }) { onLine(text) }
        }
        guard result.status.isSuccess else {
            throw RucheError(
                .buildFailed, "packer could not build \(template): what it said is above",
                details: ["exit_code": String(result.status.shellCode)])
        }
        return folder.pushing(FilePath(try output.withLock { $0 }.disk(remedy: "choose one build with --only")))
    }
}
