import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// Runs a step over the layers below it and makes its layer.
struct StepRunner: Sendable {
    let setting: StepSetting

    /// `lower` is lowest first. Throws `build_failed` with details `step`, `title` and `exit_code`.
    func run(
        _ step: Step, title: String, index: Int, over lower: [FilePath], source: SourceFolder,
        onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws -> LayerRecord {
        let start = ContinuousClock.now
        let name = String(index)
        let folder = try setting.workspace.folder(name)
        let upper = try setting.workspace.folder(name + "/upper")
        let root = try setting.workspace.folder(name + "/root")
        let work = try setting.workspace.folder(name + "/work")
        let scratch = try setting.workspace.folder(name + "/scratch")
        // The layer is made durable as a whole when it is kept.
        try OverlayMount.mount(lower: lower, upper: upper, work: work, at: root, durable: false)
        let running = RunningStep(
            setting: setting, index: index, root: root, scratch: scratch, source: source, onLine: onLine)
        let mountPoints: [String]?
        do {
            mountPoints = try await perform(step, running)
        } catch {
            // Looked at before the step's files go: programs have many words for a full disk, or none.
            let failure = StepFailure.onDisk(of: setting.configuration.data, error)
            try? OverlayMount.unmount(root)  // the step's error is the one to report
            try? Workspace.remove(folder)
            throw failure
        }
        try OverlayMount.unmount(root)
        if let mountPoints {
            try LayerNormalizer(layer: upper, lower: lower, mountPoints: mountPoints).normalize()
        }
        let layer = try await setting.layers.store(upper, clampTime: setting.clampTime)
        try Workspace.remove(folder)
        return LayerRecord(
            diffID: layer.digest, blob: layer.descriptor, createdBy: "ruche \(title)", title: title,
            seconds: start.duration(to: .now).seconds)
    }

    /// Returns where containers had mounts; nil when the step wrote its files itself.
    private func perform(_ step: Step, _ running: RunningStep) async throws -> [String]? {
        switch step {
        case .apt(let apt): return try await AptRunner(step: apt, running: running).run()
        case .pip(let pip): return try await PipRunner(step: pip, running: running).run()
        case .copy(let copy):
            try CopyRunner(step: copy, running: running).run()
            return nil
        case .shell(let shell): return try await ShellRunner(step: shell, running: running).run()
        case .ansible(let ansible): return try await AnsibleRunner(step: ansible, running: running).run()
        }
    }
}
