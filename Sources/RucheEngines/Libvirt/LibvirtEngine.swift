import Foundation
package import RucheCore
import RucheHost
import SystemPackage

/// Virtual machines by this machine's libvirt: the same disks, first settings and network as with QEMU alone, under
/// another manager.
///
/// Domains are persistent: only such take open files, and one that has ended tells how. They go on without this process,
/// without libvirt's daemon, and end with the machine. What was defined stays until the instance is destroyed.
package struct LibvirtEngine: InstanceEngine {
    package let name: String
    package let capabilities: InstanceCapabilities = [.machine, .snapshot, .console, .share, .publish, .seed]
    private let virsh: Virsh
    private let context: EngineContext
    private let probe = AccelerationProbe()
    private let processes = LibvirtProcesses()

    /// That since which machines take open files.
    private static let oldest = 9
    private static let documentFile = "domain.xml"
    /// How long libvirt may take for each step of a start. The first may be when it looks at its QEMU, which takes a
    /// minute where that is slow.
    private static let patience = Duration.seconds(150)

    package init(_ settings: EngineSettings, context: EngineContext) {
        name = settings.name
        self.context = context
        virsh = Virsh(uri: settings.text("uri") ?? "qemu:///system", runner: context.runner)
    }

    package var kind: String { EngineSettings.Kind.libvirt.rawValue }

    package func acceleration() async -> InstanceAcceleration? {
        // A libvirt that does not answer starts nothing either, and says so then.
        do { return try await findAcceleration() } catch { return nil }
    }

    private func findAcceleration() async throws -> InstanceAcceleration {
        try await probe.find(context.runner) { virsh.isSession ? nil : try await virsh.machineUser() }
    }

    // MARK: What it lacks

    package func check() async -> [EngineFinding] {
        let missing = EngineFinding.missing(.virsh, .qemu, .qemuImage, .genisoimage, .ssh, .sshKeygen)
        guard missing.isEmpty else { return missing }
        if let finding = accountFinding { return [finding] }
        do {
            let text = try await virsh.run(["version", "--daemon"])
            // `Running against daemon: 9.0.0`
            guard let version = text.matches(of: #/daemon: ([0-9]+)\./#).first.flatMap({ Int($0.1) }) else {
                return [EngineFinding(message: "libvirt (\(virsh.uri)) does not tell its version")]
            }
            guard version < Self.oldest else { return [] }
            return [
                EngineFinding(
                    message: "libvirt (\(virsh.uri)) has the version \(version): disks are handed to it open, which it "
                        + "takes since \(Self.oldest).0",
                    remedy: "use Debian 12 or later")
            ]
        } catch {
            return [
                EngineFinding(
                    message: (error as? RucheError)?.message ?? "\(error)",
                    remedy: "apt install libvirt-daemon-system; systemctl start libvirtd")
            ]
        }
    }

    /// The system's libvirt writes consoles as root, into files that others can't read; root's own session would run
    /// machines as root.
    private var accountFinding: EngineFinding? {
        if Privileges.isRoot, virsh.isSession {
            return EngineFinding(
                message: "machines of root's own session (\(virsh.uri)) would run as root",
                remedy: "use \"uri: qemu:///system\"")
        }
        if !Privileges.isRoot, !virsh.isSession {
            return EngineFinding(
                message: "the server does not run as root, and can't read what \(virsh.uri) keeps of consoles",
                remedy: "use \"uri: qemu:///session\"")
        }
        return nil
    }

    // MARK: Life

    package func create(_ spec: InstanceSpec) async throws {
        try Tool.require(.virsh, .qemuImage)
        if spec.firmware == .uefi { try UEFIFirmware.require() }
        if !spec.shares.isEmpty { try SharedFolder.require() }
        try await OverlayDisk(spec: spec, runner: context.runner).create()
    }

    package func start(_ spec: InstanceSpec) async throws {
        if try await state(spec)?.isRunning == true { return }
        let domain = LibvirtDomain(
            spec: spec, acceleration: try await findAcceleration(), data: context.data)
        let document = spec.folder.appending(Self.documentFile)
        try AtomicFile.write(
            Array(try domain.document().utf8), to: document, permissions: [.ownerReadWrite], durable: false)
        do {
            let complaint = try await call(["define", document.string], spec)
            guard complaint.isEmpty else { throw virsh.failure(complaint) }
            try await share(spec)
            try await launch(domain)
            // Nobody else finds what the machine is connected to.
            for share in LibvirtDomain.shares(spec) { try FileTree.remove(share.socket) }
        } catch {
            let reason = SharedFolder.reason(LibvirtDomain.shares(spec), error)
            // In a task of its own: a cancelled caller must not leave it. The first error is the one to report.
            try? await Task { try await kill(spec) }.value
            throw reason
        }
    }

    /// Sockets that only the user of this libvirt's machines can connect to, in a folder that nobody else can list.
    private func share(_ spec: InstanceSpec) async throws {
        guard !spec.shares.isEmpty else { return }
        let user = try await virsh.machineUser().uid
        let folder = LibvirtDomain.socketFolder
        try FileTree.makeFolder(folder)
        var status = stat()
        guard lstat(folder.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
            throw RucheError(.notPermitted, "\(folder) is no folder of this server's user: somebody else made it")
        }
        try FileTree.setMode(folder, 0o711)
        for share in LibvirtDomain.shares(spec) { try await share.start(context.runner, user: user) }
    }

    /// One call hands the files over and starts it: they are the connection's, and go with it.
    private func launch(_ domain: LibvirtDomain) async throws {
        let files = try domain.files.map { ($0, try Self.open($0)) }
        defer { for (_, descriptor) in files { try? descriptor.close() } }  // it was only handed on
        var descriptors: [Int32: Int32] = [:]
        var steps: [String] = []
        for (index, file) in files.enumerated() {
            let number = Int32(3 + index)
            descriptors[number] = file.1.rawValue
            steps.append("dom-fd-associate \(domain.name) \(file.0.group) \(number)")
        }
        let complaint = try await call(
            [(steps + ["start \(domain.name)"]).joined(separator: "; ")], domain.spec, descriptors)
        // A guest that switched itself off at once was started all the same.
        guard !complaint.isEmpty, try await state(domain.spec)?.isRunning != true else { return }
        throw QEMUEngine.failure(virsh.failure(complaint).message, domain.spec)
    }

    /// What virsh says on standard error. By a process that a server which takes over after a crash finds and ends: it
    /// would start a machine that was given up.
    private func call(
        _ arguments: [String], _ spec: InstanceSpec, _ descriptors: [Int32: Int32] = [:]
    ) async throws -> String {
        let process = caller(spec)
        try await process.start(virsh.program + arguments, descriptors: descriptors, runner: context.runner)
        let isOver = try await Waiting.until(within: Self.patience, every: .milliseconds(20)) {
            process.identity == nil
        }
        guard isOver else {
            throw RucheError(.engineUnavailable, "libvirt (\(virsh.uri)) does not start the machine")
        }
        return process.complaint
    }

    private static func open(_ file: LibvirtDomain.File) throws -> FileDescriptor {
        try FileDescriptor.open(
            file.path, file.isWritable ? .readWrite : .readOnly, options: [.closeOnExec, .noFollow])
    }

    private func caller(_ spec: InstanceSpec) -> DetachedProcess {
        DetachedProcess(folder: spec.folder, name: "virsh", mark: spec.id.description)
    }

    package func isRunning(_ spec: InstanceSpec) async -> Bool {
        if processes.isAlive(spec.id) { return true }
        do {
            guard try await state(spec)?.isRunning == true else { return false }
            processes.look(for: spec)
            return true
        } catch {
            // A daemon that does not answer, or a server that stops just now: nobody may take it for ended.
            return true
        }
    }

    /// Nil where libvirt has no such machine.
    private func state(_ spec: InstanceSpec) async throws -> LibvirtState? {
        try await virsh.ask(["domstate", "--reason", spec.mark]).map { LibvirtState($0) }
    }

    package func ending(_ spec: InstanceSpec) async -> String? {
        do {
            guard let state = try await state(spec) else { return "libvirt has it no more" }
            return state.isRunning ? nil : state.ending
        } catch {
            return nil  // what is not known is not told
        }
    }

    package func powerDown(_ spec: InstanceSpec) async throws {
        guard try await state(spec)?.isRunning == true else { return }
        try await virsh.run(["shutdown", spec.mark, "--mode", "acpi"])
    }

    package func kill(_ spec: InstanceSpec) async throws {
        try await caller(spec).kill()
        do {
            if try await state(spec) != nil { try await end(spec) }
        } catch {
            // What is not libvirt's ends without it; the error above is the one to report.
            try? await SharedFolder.end(LibvirtDomain.shares(spec))
            throw error
        }
        try await SharedFolder.end(LibvirtDomain.shares(spec))
    }

    /// Whatever the state: one that is being started just now ends after that. QEMU is asked first, so what the guest
    /// wrote is on the disk.
    private func end(_ spec: InstanceSpec) async throws {
        do { try await virsh.run(["destroy", spec.mark], within: .machine) } catch let error as RucheError {
            if try await state(spec)?.isRunning == true { throw error }
        }
    }

    package func delete(_ spec: InstanceSpec) async throws {
        try await kill(spec)
        _ = try await virsh.ask(["undefine", spec.mark, "--nvram"])
    }

    package func held() async throws -> [Identifier] {
        guard Tool.find(Tool.virsh.name) != nil else { return [] }
        var held: [Identifier] = []
        for name in try await virsh.run(["list", "--all", "--name"]).split(separator: "\n") {
            guard let id = SecureShell.instance(name) else { continue }
            // One of another's making has none.
            let metadata = try? await virsh.run(["metadata", String(name), LibvirtDomain.namespace])
            if metadata?.contains("\"\(LibvirtDomain.mark(context.data))\"") == true { held.append(id) }
        }
        return held
    }

    package func console(_ spec: InstanceSpec) -> ConsoleProgram? {
        ConsoleProgram(program: virsh.program + ["console", spec.mark], leaveKeys: "Ctrl-]")
    }

    // MARK: Snapshots

    /// By the monitor of QEMU, in the disk itself and of the disk alone, as without libvirt: libvirt's own snapshots would
    /// keep the memory too, or lay files over ours that nobody hands over.
    package func snapshot(_ spec: InstanceSpec, as name: String) async throws {
        guard await isRunning(spec) else {
            return try await OverlayDisk(spec: spec, runner: context.runner).snapshot(as: name)
        }
        let monitor = LibvirtMonitor(virsh: virsh, domain: spec.mark)
        try await monitor.execute(
            .snapshot(device: try await monitor.node(of: LibvirtDomain.diskAlias), name: name))
    }

    package func restore(_ spec: InstanceSpec, to name: String) async throws {
        try await requireStopped(spec)
        try await OverlayDisk(spec: spec, runner: context.runner).restore(to: name)
    }
}
