import Foundation
import RucheHost
import SystemPackage
import Testing

/// Packages of the Python package index in an environment of their own, kept beside the build from one run to the next.
struct PythonEnvironment: Sendable {
    private let folder: FilePath

    var python: String { program("python") }

    func program(_ name: String) -> String { folder.appending("bin").appending(name).string }

    /// Nil where no package index can be reached: a person's machine may be off the network. Where the project is
    /// checked, nothing may be left out.
    static func make(
        _ name: String, _ requirements: [String], for fixture: RucheFixture
    ) async throws -> PythonEnvironment? {
        let made = PythonEnvironment(folder: RucheFixture.package.appending(".build/python-\(name)"))
        let ready = made.folder.appending("ready")
        let wanted = Array(requirements.joined(separator: "\n").utf8)
        if let kept = try? AtomicFile.read(ready), kept == wanted { return made }
        try FileTree.remove(made.folder)
        try await fixture.tool("python3", "-m", "venv", made.folder.string)
        let installed = try await fixture.runner.run(
            Command(
                made.python, ["-m", "pip", "install", "--quiet"] + requirements,
                environment: ["HOME": fixture.folder.string]), onLine: nil)
        guard installed.status.isSuccess else {
            if ProcessInfo.processInfo.environment["CI"] == "true" {
                Issue.record("\(requirements) can't be installed: \(installed.errorTail)")
            }
            return nil
        }
        try AtomicFile.write(wanted, to: ready)
        return made
    }
}
