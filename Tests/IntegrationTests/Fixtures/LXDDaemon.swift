import Glibc
import RucheHost
import SystemPackage

/// An LXD of the test's own: private folder, a `dir` pool, no network.
struct LXDDaemon: Sendable {
    let folder: FilePath
    private let runner = SystemCommandRunner()

    static func with<Result: Sendable>(_ body: @Sendable (LXDDaemon) async throws -> Result) async throws -> Result {
        let daemon = LXDDaemon(folder: try TemporaryDirectory.make(in: "/var/tmp", prefix: "ruche-lxd"))
        // The container's root walks through this folder as an unprivileged user.
        chmod(daemon.folder.string, 0o711)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await daemon.serve() }
            defer { group.cancelAll() }
            try await daemon.prepare()
            let result = try await body(daemon)
            _ = try await daemon.runner.run(daemon.command("lxd", ["shutdown", "--timeout", "20"]), onLine: nil)
            group.cancelAll()
            while let end = await group.nextResult() { _ = end }  // the daemon ends by its own shutdown
            try unmountBelow(daemon.folder)
            try FileTree.remove(daemon.folder)
            return result
        }
    }

    func lxc(_ arguments: String...) async throws -> String {
        try await runner.runChecked(command("lxc", arguments)).output
    }

    private func command(_ name: String, _ arguments: [String], input: Command.Input = .none) -> Command {
        Command(name, arguments, environment: ["LXD_DIR": folder.string, "HOME": folder.string], input: input)
    }

    private func serve() async throws {
        try await runner.runChecked(command("lxd", ["--group", "root"]))
    }

    private func prepare() async throws {
        try await runner.runChecked(command("lxd", ["waitready", "--timeout", "60"]))
        let preseed = """
            storage_pools:
            - name: default
              driver: dir
            profiles:
            - name: default
              devices:
                root: {path: /, pool: default, type: disk}
            """
        try await runner.runChecked(command("lxd", ["init", "--preseed"], input: .bytes(Array(preseed.utf8))))
    }
}

/// Unmounts what is mounted below a folder, deepest first.
func unmountBelow(_ folder: FilePath) throws {
    let mounts = try String(decoding: AtomicFile.read("/proc/self/mounts"), as: UTF8.self)
    for line in mounts.split(separator: "\n").reversed() {
        let fields = line.split(separator: " ")
        if fields.count > 1, fields[1].hasPrefix(folder.string) { umount2(String(fields[1]), Int32(MNT_DETACH)) }
    }
}
