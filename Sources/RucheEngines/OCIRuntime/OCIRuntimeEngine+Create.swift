import RucheCore
import RucheHost
import SystemPackage

extension OCIRuntimeEngine {
    /// Throws `conflict` when there is such a container, `invalid_input` for a spec that can't run.
    package func create(_ spec: ContainerSpec) async throws {
        try ContainerID.check(spec.id)
        try Tool.require(.runc, .conmon)
        for folder in [paths.containers, paths.runc] { try FileTree.makeFolder(folder, permissions: 0o700) }
        guard try FileTree.makeNewFolder(paths.folder(spec.id), permissions: 0o700) else {
            throw RucheError(.conflict, "there is a container \(spec.id) already: delete it first")
        }
        do {
            try await make(spec)
        } catch {
            try? await Task { try await clear(spec.id) }.value  // the first error is the one to report
            throw error
        }
    }

    private func make(_ spec: ContainerSpec) async throws {
        // First of all the record: it lets `delete` find what a killed process had begun.
        var record = ContainerRecord(
            id: spec.id, boot: try ContainerRecord.currentBoot(), scratch: spec.scratch.string,
            timeLimit: spec.sandbox.limits.time)
        try remember(record)
        try mountRoot(try await spec.image.layers(), record)
        var sandbox = spec.sandbox
        sandbox.root = record.root
        if let user = spec.user {
            let identity = try ImageUsers(root: record.root).resolve(user)
            sandbox.uid = identity.uid
            sandbox.gid = identity.gid
            sandbox.additionalGroups = identity.groups
        }
        let configuration = try RuntimeConfiguration(sandbox, group: ControlGroup(container: spec.id))
        try configuration.write(to: paths.folder(spec.id))
        record.processes = try await supervisor.create(
            spec.id, log: spec.consoleLog, timeLimit: sandbox.limits.time)
        try remember(record)
    }

    private func mountRoot(_ layers: [FilePath], _ record: ContainerRecord) throws {
        for folder in [record.root, record.upper, record.work] { try FileTree.makeFolder(folder) }
        try OverlayMount.mount(lower: layers, upper: record.upper, work: record.work, at: record.root)
    }
}
