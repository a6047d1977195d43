import RucheCore
package import RucheHost
import RucheImages
package import SystemPackage

/// A workbench without a daemon: a root of two layers in its folder, the base and what was changed, in which runc runs
/// each command in a container of its own.
///
/// The layers are mounted while somebody works in them. Whoever comes first mounts them and clears up what a killed
/// process left, whoever goes last unmounts them; the lock `use` tells who is there, `gate` keeps comings and goings
/// apart.
package struct RuntimeWorkbench: Workbench {
    package let record: WorkbenchRecord
    private let folder: FilePath
    private let runner: any CommandRunning
    private let network: WorkbenchNetwork

    package init(
        _ record: WorkbenchRecord, folder: FilePath, runner: any CommandRunning, network: WorkbenchNetwork
    ) {
        self.record = record
        self.folder = folder
        self.runner = runner
        self.network = network
    }

    private var base: FilePath { folder.appending("base") }
    private var upper: FilePath { folder.appending("upper") }
    private var work: FilePath { folder.appending("work") }
    private var root: FilePath { folder.appending("root") }

    private var sandbox: RuncSandbox {
        let run = folder.appending("run")
        return RuncSandbox(
            runner: runner, stateFolder: run.appending("runc"), bundles: run.appending("bundles"))
    }

    package func create(from archive: FilePath) async throws {
        try Tool.require(.runc)
        for path in [base, upper, work, root] { try FileTree.makeFolder(path) }
        _ = try await LayerUnpacker(whiteouts: .refused).unpack(archive, into: base)
        // Containers with network get the machine's; a file that is there to cover leaves no trace in the layers.
        let resolver = try RootedFile.resolve("/etc/resolv.conf", in: base)
        if !FileTree.exists(resolver) {
            try FileTree.makeFolder(resolver.removingLastComponent())
            try AtomicFile.write([], to: resolver)
        }
    }

    package func run(_ command: WorkbenchCommand) async throws -> ExitStatus {
        try await withMounted {
            var spec = SandboxSpec(root: root, arguments: command.arguments)
            let identity = try ImageUsers(root: root).resolve(command.user ?? "0:0")
            (spec.uid, spec.gid, spec.additionalGroups) = (identity.uid, identity.gid, identity.groups)
            spec.privileges = .build
            spec.hostname = record.name
            spec.network = command.hasNetwork
            if command.hasNetwork { spec.mounts = network.mounts }
            // What programs leave in /run has no meaning in the next container.
            spec.temporaries = ["/run": ByteCount(64 << 20)]
            spec.environment = ["PATH": Tool.searchPath, "HOME": identity.home ?? "/root", "LANG": "C.UTF-8"]
                .merging(command.hasNetwork ? network.environment : [:]) { $1 }.merging(command.environment) { $1 }
            spec.workingDirectory = command.user == nil && identity.home != nil ? homeOrRoot(identity.home) : "/"
            let id = "ruche-wb-\(record.name)-\(UInt32.random(in: .min ... .max))"
            return try await start(id, &spec, command.streams)
        }
    }

    private func homeOrRoot(_ home: String?) -> String {
        // A home that a link leads to is not looked for: "/" always serves.
        guard let home, FileTree.isFolder(root.pushing(FilePath(String(home.dropFirst())))) else { return "/" }
        return home
    }

    private func start(
        _ id: String, _ spec: inout SandboxSpec, _ streams: WorkbenchCommand.Streams
    ) async throws -> ExitStatus {
        switch streams {
        case .inherited(let isTerminal):
            spec.terminal = isTerminal
            return try await sandbox.run(id: id, spec, output: .inherited)
        case .files(let input, let output, let errors):
            var files: [Int32: Command.File] = [1: .write(output), 2: .write(errors)]
            files[0] = input.map { .read($0) }
            return try await sandbox.run(id: id, spec, output: .files(files))
        case .lines(let onLine): return try await sandbox.run(id: id, spec, onLine: onLine)
        }
    }

    package func withRoot<Result: Sendable>(_ body: ([FilePath]) async throws -> Result) async throws -> Result {
        let use = try await takeAlone()
        let result = try await body([upper, base])
        withExtendedLifetime(use) {}
        return result
    }

    package func requireIdle() async throws { _ = try await takeAlone() }

    package func remove() async throws {
        let use = try await takeAlone()
        try FileTree.remove(folder.appending("upper"))
        try FileTree.remove(base)
        withExtendedLifetime(use) {}
    }

    // MARK: Who is there

    private func gate() async throws -> FileLock { try await FileLock.acquire(folder.appending("gate")) }

    private func takeAlone() async throws -> UseLock {
        let gate = try await gate()
        let use = try UseLock(folder.appending("use"))
        guard try use.takeAlone() else {
            throw RucheError(
                .inUse, "the workbench \(record.name) is in use: end the shells and commands that run in it first")
        }
        try await clearUp()
        withExtendedLifetime(gate) {}
        return use
    }

    private func withMounted<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        let use = try await enter()
        do {
            let result = try await body()
            try await leave(use)
            return result
        } catch {
            try? await leave(use)  // the first error is the one to report; the next command clears up
            throw error
        }
    }

    private func enter() async throws -> UseLock {
        let gate = try await gate()
        let use = try UseLock(folder.appending("use"))
        if try use.takeAlone() {
            try await clearUp()
            try FileTree.makeFolder(root)
            try OverlayMount.mount(lower: [base], upper: upper, work: work, at: root, durable: true)
        }
        guard try use.share() else {
            throw RucheError(.inUse, "the workbench \(record.name) is being packed, cleaned or removed: wait for that")
        }
        withExtendedLifetime(gate) {}
        return use
    }

    /// In a task of its own, so that cancelling leaves no mount.
    private func leave(_ use: UseLock) async throws {
        try await Task {
            let gate = try await gate()
            if try use.takeAlone() { try OverlayMount.unmount(root) }
            withExtendedLifetime(gate) {}
        }.value
    }

    /// Ends and unmounts what a process that died left. Nobody else is there.
    private func clearUp() async throws {
        try await sandbox.reconcile()
        for path in try OverlayMount.mounted(under: folder) { try OverlayMount.unmount(path) }
    }
}
