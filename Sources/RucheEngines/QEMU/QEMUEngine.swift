import RucheCore
package import RucheHost
import SystemPackage

/// Virtual machines by QEMU alone: each a process that outlives this one, its disk a thin layer over the image's file.
package struct QEMUEngine: InstanceEngine {
    package let name = "qemu"
    package let capabilities: InstanceCapabilities = [.machine, .snapshot, .console, .share, .publish, .seed]
    private let runner: any CommandRunning
    private let probe = AccelerationProbe()
    /// Seconds a machine may take until its monitor answers.
    private static let patience = Duration.seconds(60)

    package init(runner: any CommandRunning) { self.runner = runner }

    package func acceleration() async -> InstanceAcceleration? { await probe.find(runner) }

    package func check() async -> [EngineFinding] {
        EngineFinding.missing(.qemu, .qemuImage, .genisoimage, .ssh, .sshKeygen)
    }

    // MARK: The disk

    package func create(_ spec: InstanceSpec) async throws {
        try Tool.require(.qemu, .qemuImage)
        if !spec.shares.isEmpty { try SharedFolder.require() }
        try await OverlayDisk(spec: spec, runner: runner).create()
        if spec.firmware == .uefi { try UEFIFirmware.makeVariables(in: spec.folder) }
    }

    // MARK: Life

    package func start(_ spec: InstanceSpec) async throws {
        if await isRunning(spec) { return }
        try Tool.require(.qemu)
        for name in [QMPClient.socket, InstanceSpec.consoleSocket] { try FileTree.remove(spec.folder.appending(name)) }
        let arguments = try QEMUArguments(
            spec: spec, acceleration: await probe.find(runner), user: Privileges.machineUser(spec.id)
        ).build()
        let shares = SharedFolder.all(spec, in: spec.folder)
        do {
            for share in shares { try await share.start(runner) }
            let process = process(spec)
            try await process.start([Tool.qemu.name] + arguments, runner: runner)
            try await waitForMonitor(spec, process)
        } catch {
            let reason = SharedFolder.reason(shares, error)
            // In a task of its own: a cancelled caller must not leave it. The first error is the one to report.
            try? await Task { try await kill(spec) }.value
            throw reason
        }
    }

    package func isRunning(_ spec: InstanceSpec) async -> Bool { process(spec).identity != nil }

    package func powerDown(_ spec: InstanceSpec) async throws {
        guard await isRunning(spec) else { return }
        try await QMPClient(folder: spec.folder).execute(.powerDown)
    }

    package func kill(_ spec: InstanceSpec) async throws {
        let process = process(spec)
        if process.identity != nil {
            // In order when it still answers: what the guest wrote is on the disk then.
            try? await QMPClient(folder: spec.folder, timeout: .seconds(2)).execute(.quit)
            for _ in 0..<100 where process.identity != nil { try await Task.sleep(for: .milliseconds(10)) }
        }
        try await process.kill()
        try await SharedFolder.end(SharedFolder.all(spec, in: spec.folder))
    }

    // MARK: Snapshots

    package func snapshot(_ spec: InstanceSpec, as name: String) async throws {
        if await isRunning(spec) {
            return try await QMPClient(folder: spec.folder, timeout: .seconds(60)).execute(
                .snapshot(device: QEMUArguments.diskDevice, name: name))
        }
        try await OverlayDisk(spec: spec, runner: runner).snapshot(as: name)
    }

    package func restore(_ spec: InstanceSpec, to name: String) async throws {
        try await requireStopped(spec)
        try await OverlayDisk(spec: spec, runner: runner).restore(to: name)
    }

    // MARK: Parts

    private func process(_ spec: InstanceSpec) -> DetachedProcess {
        DetachedProcess(folder: spec.folder, name: "qemu", mark: spec.mark)
    }

    private func waitForMonitor(_ spec: InstanceSpec, _ process: DetachedProcess) async throws {
        let monitor = QMPClient(folder: spec.folder)
        let deadline = ContinuousClock.now + Self.patience
        while await !monitor.answers() {
            if process.identity == nil {
                let complaint = process.complaint
                // A guest that switched itself off at once was started all the same.
                if complaint.isEmpty { return }
                throw Self.failure(complaint, spec)
            }
            guard ContinuousClock.now < deadline else {
                throw RucheError(.engineUnavailable, "QEMU does not answer a minute after it was started")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// What QEMU says when it can't have a port is told as that.
    static func failure(_ complaint: String, _ spec: InstanceSpec) -> RucheError {
        let line = complaint.split(separator: "\n").last.map(String.init) ?? "it ended at once"
        for port in spec.ports where complaint.contains("tcp:\(port.address):\(port.host)-") {
            return port.taken()
        }
        return RucheError(.engineUnavailable, "QEMU can't start the machine: \(line)")
    }
}
