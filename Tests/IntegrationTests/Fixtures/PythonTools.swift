import Foundation
import RucheHost
import SystemPackage
import Testing

/// Programs of PyPI in an environment of their own beside the build, made once.
struct PythonTools {
    let name: String
    let packages: [String]

    /// The interpreter of the environment; nil where no package index can be reached, which is an issue where the
    /// project is checked.
    func python(_ fixture: RucheFixture) async throws -> String? {
        let folder = RucheFixture.package.appending(".build/\(name)")
        let python = folder.appending("bin/python").string
        let mark = folder.appending("ready")
        let wanted = packages.joined(separator: "\n")
        if FileTree.exists(mark), String(decoding: try AtomicFile.read(mark), as: UTF8.self) == wanted { return python }
        try await fixture.tool("python3", "-m", "venv", "--clear", folder.string)
        let installed = try await fixture.runner.run(
            Command(
                python, ["-m", "pip", "install", "--quiet"] + packages, environment: ["HOME": fixture.folder.string]),
            onLine: nil)
        guard installed.status.isSuccess else {
            if ProcessInfo.processInfo.environment["CI"] == "true" {
                Issue.record("\(packages) could not be installed: \(installed.errorTail)")
            }
            return nil
        }
        try AtomicFile.write(Array(wanted.utf8), to: mark)
        return python
    }
}
