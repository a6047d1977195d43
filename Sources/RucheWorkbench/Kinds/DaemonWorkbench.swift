import Glibc
import RucheCore
package import RucheHost
import RucheImages
package import SystemPackage

/// A workbench in a container of Docker or Podman, driven through their command lines.
package struct DaemonWorkbench: Workbench {
    package let record: WorkbenchRecord
    private let folder: FilePath
    private let tool: EngineTool

    package init(_ record: WorkbenchRecord, folder: FilePath, runner: any CommandRunning, environment: [String: String])
    {
        self.record = record
        self.folder = folder
        tool = EngineTool(program: record.kind.rawValue, runner: runner, environment: environment)
    }

    private static let label = "org.ruche.workbench"

    package func create(from archive: FilePath) async throws {
        let loaded = try await tool.call(["load", "--quiet", "--input", archive.string])
        guard let image = loaded.split(separator: "\n").last?.split(separator: " ").last.map(String.init) else {
            throw RucheError(.engineUnavailable, "\(tool.program) did not say which image it loaded: \(loaded)")
        }
        let network = record.network.map { ["--network", $0] } ?? []
        let wait = "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done"
        do {
            try await tool.call(
                ["run", "--detach", "--name", record.container, "--label", "\(Self.label)=\(record.name)"]
                    + ["--hostname", record.name, "--user", "0:0"] + network
                    + ["--entrypoint", "/bin/sh", image, "-c", wait])
        } catch {
            try? await remove()  // the first error is the one to report
            _ = try? await tool.call(["image", "rm", image])
            throw error
        }
    }

    package func run(_ command: WorkbenchCommand) async throws -> ExitStatus {
        try await start()
        var words = ["exec"]
        switch command.streams {
        case .inherited(let isTerminal): words += isTerminal ? ["--interactive", "--tty"] : ["--interactive"]
        case .files(let input, _, _): words += input == nil ? [] : ["--interactive"]
        case .lines: break
        }
        words += ["--user", command.user ?? "0:0"]
        for (key, value) in command.environment.sorted(by: { $0.key < $1.key }) {
            words += ["--env", "\(key)=\(value)"]
        }
        return try await tool.run(words + [record.container] + command.arguments, command.streams)
    }

    package func withRoot<Result: Sendable>(_ body: ([FilePath]) async throws -> Result) async throws -> Result {
        try await TemporaryDirectory.with(in: folder, prefix: "root") { work in
            let archive = work.appending("root.tar")
            try await tool.call(["export", "--output", archive.string, record.container])
            let root = work.appending("root")
            try FileTree.makeFolder(root)
            _ = try await LayerUnpacker(whiteouts: .refused).unpack(archive, into: root)
            // What the engine put there for its own use.
            for name in [".dockerenv", "run/.containerenv"] { try Self.remove(root.pushing(FilePath(name))) }
            return try await body([root])
        }
    }

    /// Removes a file and leaves the time of its folder, so that two packages of one root are equal.
    private static func remove(_ path: FilePath) throws {
        let folder = path.removingLastComponent().string
        var status = stat()
        guard FileTree.exists(path), stat(folder, &status) == 0 else { return }
        try FileTree.remove(path)
        let times = [status.st_atim, status.st_mtim]
        guard utimensat(AT_FDCWD, folder, times, 0) == 0 else { throw Errno(rawValue: errno) }
    }

    /// The engine lets everybody in: there is nothing to wait for.
    package func requireIdle() async throws {}

    package func remove() async throws {
        let image = try await tool.call(
            ["container", "inspect", "--format", "{{.Config.Image}}", record.container], mayFail: true
        ).filter { !$0.isWhitespace }
        try await tool.call(["rm", "--force", "--volumes", record.container], mayFail: true)
        // Never by force: that would take containers of others with it.
        if !image.isEmpty { try await tool.call(["image", "rm", image], mayFail: true) }
        let left = try await tool.call(
            ["ps", "--all", "--quiet", "--filter", "name=^\(record.container)$"])
        guard left.split(separator: "\n").isEmpty else {
            throw RucheError(.engineUnavailable, "\(tool.program) did not remove the container \(record.container)")
        }
    }

    /// A machine that was restarted has the container stopped.
    private func start() async throws {
        try await tool.call(["start", record.container])
    }
}
