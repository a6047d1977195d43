import FoundationEssentials
import RucheCore
package import RucheHost
package import SystemPackage

/// The workbenches of a data directory, a folder each. One that was being made or removed when its process died has a
/// name with a dot in front, and goes at the next look.
package struct WorkbenchStore: Sendable {
    private let folder: FilePath
    private let runner: any CommandRunning
    private let proxies: [String: String]
    /// Variables that the command lines of the engines read.
    private let environment: [String: String]

    package init(
        data: FilePath, runner: any CommandRunning = SystemCommandRunner(), proxies: [String: String],
        environment: [String: String]
    ) {
        folder = data.appending("workbenches")
        self.runner = runner
        self.proxies = proxies
        self.environment = environment
    }

    /// Every workbench, by name, and what could not be read.
    package func all() throws -> (records: [WorkbenchRecord], problems: [String]) {
        guard FileTree.isFolder(folder) else { return ([], []) }
        var records: [WorkbenchRecord] = []
        var problems: [String] = []
        for name in try FileTree.names(in: folder) where !name.hasPrefix(".") {
            do { records.append(try read(name)) } catch { problems.append("\(error)") }
        }
        return (records, problems)
    }

    /// Throws `not_found`.
    package func open(_ name: String) async throws -> any Workbench {
        try WorkbenchRecord.check(name: name)
        try await clearUp()
        return try workbench(try read(name), folder.appending(name))
    }

    /// Makes a workbench from the image at `base`. It is there whole or not at all.
    package func create(_ record: WorkbenchRecord, from base: FilePath) async throws -> any Workbench {
        try requireNew(record.name)
        let temporary = folder.appending(".new-\(record.name)-\(UInt32.random(in: .min ... .max))")
        try FileTree.makeFolder(temporary, permissions: 0o700)
        // Held while it is made, so that a look of another process takes it for no remains.
        let lock = try FileLock.tryAcquire(temporary.appending("making"))
        let workbench = try workbench(record, temporary)
        do {
            try write(record, to: temporary)
            try await workbench.create(from: base)
            try await prepare(workbench)
            do { try DurableTree.moveWithoutReplacing(temporary, to: folder.appending(record.name)) } catch Errno
                .fileExists
            {
                throw Self.taken(record.name)
            }
        } catch {
            // In a task of its own: a cancelled creation leaves nothing either. Its error is the one to report.
            await Task { try? await discard(workbench, temporary) }.value
            throw error
        }
        withExtendedLifetime(lock) {}
        return try self.workbench(record, folder.appending(record.name))
    }

    /// Throws `conflict` when there is a workbench of that name.
    package func requireNew(_ name: String) throws {
        try WorkbenchRecord.check(name: name)
        try FileTree.makeFolder(folder, permissions: 0o700)
        if FileTree.exists(folder.appending(name)) { throw Self.taken(name) }
    }

    package func remove(_ name: String) async throws {
        let workbench = try await open(name)
        try await workbench.requireIdle()
        let temporary = folder.appending(".old-\(name)-\(UInt32.random(in: .min ... .max))")
        try AtomicFile.rename(folder.appending(name), to: temporary)
        try await discard(try self.workbench(workbench.record, temporary), temporary)
    }

    /// Removes what processes that died were making or removing.
    package func clearUp() async throws {
        guard FileTree.isFolder(folder) else { return }
        for name in try FileTree.names(in: folder) where name.hasPrefix(".new-") || name.hasPrefix(".old-") {
            let path = folder.appending(name)
            guard let lock = try? FileLock.tryAcquire(path.appending("making")) else { continue }  // being made
            // Without a record nothing was given to an engine yet.
            if let record = try? record(in: path) {
                try await discard(try workbench(record, path), path)
            } else {
                try FileTree.remove(path)
            }
            withExtendedLifetime(lock) {}
        }
    }

    private func discard(_ workbench: any Workbench, _ path: FilePath) async throws {
        try await workbench.remove()
        for mount in try OverlayMount.mounted(under: path) { try OverlayMount.unmount(mount) }
        try FileTree.remove(path)
    }

    /// Makes and verifies the folders of the contract.
    private func prepare(_ workbench: any Workbench) async throws {
        let script = #"""
            for d in "$@"; do
              mkdir -p -- "$d" && [ -d "$d" ] && [ ! -L "$d" ] || { echo "$d is no folder" >&2; exit 1; }
            done
            """#
        let lines = KeptLines()
        var command = WorkbenchCommand(
            ["/bin/sh", "-c", script, "sh"] + workbench.record.folders.all, .lines { lines.add($0.text) })
        command.user = "0:0"
        let status = try await workbench.run(command)
        guard status.isSuccess else {
            throw RucheError(
                .invalidInput,
                "the folders of the pipeline can't be made in \(workbench.record.from): \(lines.text.suffix(400))")
        }
    }

    private func workbench(_ record: WorkbenchRecord, _ path: FilePath) throws -> any Workbench {
        switch record.kind {
        case .ociRuntime:
            return RuntimeWorkbench(
                record, folder: path, runner: runner,
                network: try WorkbenchNetwork(folder: path, proxies: proxies))
        case .docker, .podman:
            return DaemonWorkbench(record, folder: path, runner: runner, environment: environment)
        case .lxd: return LXDWorkbench(record, folder: path, runner: runner, environment: environment)
        }
    }

    private func read(_ name: String) throws -> WorkbenchRecord {
        let path = folder.appending(name)
        guard FileTree.exists(path) else {
            throw RucheError(
                .notFound, "there is no workbench \"\(name)\": make one with \"ruche pipeline new \(name) --from …\"")
        }
        return try record(in: path)
    }

    private func record(in path: FilePath) throws -> WorkbenchRecord {
        let file = path.appending("workbench.json")
        do {
            let bytes = try AtomicFile.read(file, limit: 1 << 20)
            return try JSONDecoder().decode(WorkbenchRecord.self, from: Data(bytes))
        } catch {
            throw RucheError(
                .corruptContent, "the record \(file) can't be read: \(error); remove its folder to be rid of it",
                cause: error)
        }
    }

    private func write(_ record: WorkbenchRecord, to path: FilePath) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try AtomicFile.write(try encoder.encode(record) + [10], to: path.appending("workbench.json"))
    }

    private static func taken(_ name: String) -> RucheError {
        RucheError(
            .conflict, "there is a workbench \"\(name)\" already: remove it first, or choose another name",
            details: ["name": name])
    }
}
