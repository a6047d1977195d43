import RucheCore
import RucheHost
import SystemPackage

extension LXDMachineEngine {
    package func check() async -> [EngineFinding] {
        let missing = EngineFinding.missing(.qemuImage, .genisoimage, .ssh, .sshKeygen)
        let findings = missing + (await engine.check())
        guard findings.isEmpty else { return findings }
        let remote = await engine.serviceFindings()
        guard remote.isEmpty else { return remote }
        do {
            return try await lacks()
        } catch {
            return [EngineFinding(message: (error as? RucheError)?.message ?? "\(error)")]
        }
    }

    private func lacks() async throws -> [EngineFinding] {
        if let finding = Self.finding(driver: try await client.server().environment?.driver) { return [finding] }
        guard let project = engine.settings.text("project"),
            let config = try await client.find("/1.0/projects", named: project, LXDAPI.Configured.self)?.config,
            config["restricted"] == "true"
        else { return [] }
        let key = "restricted.virtual-machines.lowlevel"
        guard config[key] != "allow" else { return [] }
        return [
            EngineFinding(
                message: "the project \"\(project)\" does not allow what machines need (\(key))",
                remedy: "run \"lxc project set \(project) \(key)=allow\"")
        ]
    }

    /// Nil where LXD found a QEMU that works. It looks when it starts, and does not tell what it missed.
    static func finding(driver: String?) -> EngineFinding? {
        guard driver?.contains("qemu") != true else { return nil }
        let (obstacle, remedy) = obstacle
        return EngineFinding(
            message: "it can't run virtual machines: \(obstacle)",
            remedy: "\(remedy), and start LXD again; or use the engine qemu")
    }

    private static var obstacle: (String, String) {
        if !FileTree.exists("/sys/module/vhost_vsock") {
            return ("the kernel has no vhost_vsock loaded", "run \"modprobe vhost_vsock\"")
        }
        if let obstacle = KVM.obstacle() { return (obstacle, "give it a machine with KVM") }
        if Tool.find(Tool.qemu.name) == nil {
            return ("there is no \(Tool.qemu.name)", "run \"apt install \(Tool.qemu.package_) ovmf\"")
        }
        return ("it had no QEMU that works when it started", "see its log")
    }

    /// What an LXD without QEMU says to the making of a machine.
    func refusal(_ error: RucheError) -> RucheError? {
        guard let match = error.message.firstMatch(of: /not supported on this server(?:: ([^\n]+))?/) else {
            return nil
        }
        let reason = match.1.map { ": \($0)" } ?? ""
        return RucheError(
            .unsupported,
            "the engine \(name) can't run virtual machines\(reason). It needs KVM and the kernel module vhost_vsock "
                + "when LXD starts; or use the engine qemu", details: ["engine": name], cause: error)
    }
}
