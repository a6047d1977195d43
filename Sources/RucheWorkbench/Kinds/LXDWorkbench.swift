import RucheCore
package import RucheHost
import RucheImages
package import SystemPackage

/// A workbench in a container of LXD, driven through `lxc`.
package struct LXDWorkbench: Workbench {
    package let record: WorkbenchRecord
    private let folder: FilePath
    private let tool: EngineTool

    package init(_ record: WorkbenchRecord, folder: FilePath, runner: any CommandRunning, environment: [String: String])
    {
        self.record = record
        self.folder = folder
        tool = EngineTool(program: "lxc", runner: runner, environment: environment)
    }

    /// `image` is a folder with the two files of an LXD image.
    package func create(from image: FilePath) async throws {
        let files = try FileTree.names(in: image)
        guard let metadata = files.first(where: { $0.hasPrefix("metadata") }),
            let root = files.first(where: { $0.hasPrefix("rootfs") })
        else { throw RucheError(.internalError, "\(image) holds no LXD image") }
        try await tool.call([
            "image", "import", image.appending(metadata).string, image.appending(root).string, "--alias",
            record.container,
        ])
        do {
            try await tool.call(["launch", record.container, record.container])
        } catch {
            try? await remove()  // the first error is the one to report
            _ = try? await tool.call(["image", "delete", record.container])
            throw error
        }
        try await tool.call(["image", "delete", record.container])
    }

    package func run(_ command: WorkbenchCommand) async throws -> ExitStatus {
        // Starting what runs is an error to lxc, which the command itself would tell of better.
        try await tool.call(["start", record.container], mayFail: true)
        var words = ["exec", record.container]
        switch command.streams {
        case .inherited(let isTerminal): words += ["--mode", isTerminal ? "interactive" : "non-interactive"]
        case .files(let input, _, _): words += ["--mode", "non-interactive"] + (input == nil ? ["-n"] : [])
        case .lines: words += ["--mode", "non-interactive", "-n"]
        }
        if let user = command.user, user != "0:0" { words += try await identity(of: user) }
        for (key, value) in command.environment.sorted(by: { $0.key < $1.key }) {
            words += ["--env", "\(key)=\(value)"]
        }
        return try await tool.run(words + ["--"] + command.arguments, command.streams)
    }

    /// lxc takes numbers only; the container knows the names.
    private func identity(of user: String) async throws -> [String] {
        let parts = user.split(separator: ":").map(String.init)
        let script = #"id -u "$1" && id -g "$1""#
        guard let name = parts.first, !name.isEmpty else {
            throw RucheError(.invalidInput, "the user \"\(user)\" is empty: write a name or a number")
        }
        if UInt32(name) != nil {
            let group = parts.count > 1 ? ["--group", parts[1]] : []
            return ["--user", name] + group
        }
        let result = try await tool.runner.run(
            Command(
                "lxc", ["exec", record.container, "-n", "--", "/bin/sh", "-c", script, "sh", name],
                environment: tool.environment), onLine: nil)
        let numbers = result.output.split(separator: "\n").map(String.init)
        guard result.status.isSuccess, numbers.count == 2 else {
            throw RucheError(.invalidInput, "the workbench has no user \"\(user)\": add it or write a number")
        }
        return ["--user", numbers[0], "--group", parts.count > 1 ? parts[1] : numbers[1]]
    }

    package func withRoot<Result: Sendable>(_ body: ([FilePath]) async throws -> Result) async throws -> Result {
        let alias = "\(record.container)-root"
        return try await TemporaryDirectory.with(in: folder, prefix: "root") { work in
            try await tool.call(["stop", record.container, "--force"], mayFail: true)
            try await tool.call(["publish", record.container, "--alias", alias, "--compression", "none", "--force"])
            do {
                try await tool.call(["image", "export", alias, work.appending("image").string])
            } catch {
                _ = try? await tool.call(["image", "delete", alias])  // the first error is the one to report
                throw error
            }
            try await tool.call(["image", "delete", alias])
            guard let name = try FileTree.names(in: work).first else {
                throw RucheError(.engineUnavailable, "lxc exported nothing of \(record.container)")
            }
            let image = work.appending("content")
            try FileTree.makeFolder(image)
            _ = try await LayerUnpacker(whiteouts: .refused).unpack(work.appending(name), into: image)
            return try await body([image.appending("rootfs")])
        }
    }

    /// LXD lets everybody in: there is nothing to wait for.
    package func requireIdle() async throws {}

    package func remove() async throws {
        try await tool.call(["delete", record.container, "--force"], mayFail: true)
        let left = try await tool.call(["list", "^\(record.container)$", "--format", "csv", "--columns", "n"])
        guard left.split(separator: "\n").isEmpty else {
            throw RucheError(.engineUnavailable, "LXD did not remove the container \(record.container)")
        }
    }
}
