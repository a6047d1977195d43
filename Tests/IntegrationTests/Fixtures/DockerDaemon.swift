import Glibc
import RucheHost
import SystemPackage

/// A Docker engine of the test's own: private folders, no bridge, stopped by its process id.
struct DockerDaemon: Sendable {
    let folder: FilePath
    private let runner = SystemCommandRunner()

    var host: String { "unix://\(folder.appending("docker.sock").string)" }

    static func with<Result: Sendable>(_ body: @Sendable (DockerDaemon) async throws -> Result) async throws -> Result {
        let daemon = DockerDaemon(folder: try TemporaryDirectory.make(in: "/var/tmp", prefix: "ruche-docker"))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await daemon.serve() }
            defer { group.cancelAll() }
            try await daemon.awaitReady()
            let result = try await body(daemon)
            group.cancelAll()
            while let end = await group.nextResult() { _ = end }  // the daemon ends by the cancellation
            try FileTree.remove(daemon.folder)
            return result
        }
    }

    func docker(_ arguments: String...) async throws -> String {
        try await runner.runChecked(
            Command("/usr/bin/docker", arguments, environment: ["DOCKER_HOST": host, "HOME": folder.string])
        ).output
    }

    private func serve() async throws {
        let command = Command(
            "dockerd",
            [
                "--iptables=false", "--bridge=none", "--data-root", folder.appending("data").string, "--exec-root",
                folder.appending("exec").string, "--pidfile", folder.appending("pid").string, "--host", host,
            ])
        try await runner.runChecked(command)
    }

    private func awaitReady() async throws {
        try await eventually(within: .seconds(60), "dockerd answers") {
            let probe = Command(
                "/usr/bin/docker", ["version"], environment: ["DOCKER_HOST": host, "HOME": folder.string])
            return try await runner.run(probe, onLine: nil).status.isSuccess
        }
    }
}

/// Waits for a condition, asking every 50 ms, and throws when it does not come in time.
func eventually(
    within limit: Duration, _ what: String, _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while try await !condition() {
        guard clock.now < deadline else { throw NeverHappened(what: what) }
        try await Task.sleep(for: .milliseconds(50))
    }
}

struct NeverHappened: Error, CustomStringConvertible {
    let what: String
    var description: String { "in vain: \(what)" }
}
