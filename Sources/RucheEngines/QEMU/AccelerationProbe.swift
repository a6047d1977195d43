import RucheCore
import RucheHost
import Synchronization

/// Finds out whether QEMU can use the processor's own support for machines, once.
///
/// By starting QEMU with a machine that never runs: the device may be there and make machines, and still lack what
/// QEMU then asks of it.
final class AccelerationProbe: Sendable {
    private let known = Mutex<InstanceAcceleration?>(nil)

    func find(_ runner: any CommandRunning) async -> InstanceAcceleration {
        if let known = known.withLock({ $0 }) { return known }
        let found = await look(runner)
        known.withLock { $0 = found }
        return found
    }

    private func look(_ runner: any CommandRunning) async -> InstanceAcceleration {
        if let obstacle = KVM.obstacle() { return .emulation(obstacle) }
        var trial = Command(
            Tool.qemu.name,
            [
                "-accel", "kvm", "-cpu", "host", "-machine", "q35", "-m", "16", "-S", "-nodefaults", "-no-user-config",
                "-display", "none", "-qmp", "stdio",
            ])
        trial.input = .bytes(Array(#"{"execute": "qmp_capabilities"} {"execute": "quit"}"#.utf8))
        guard let result = try? await runner.run(trial, onLine: nil) else { return .emulation("QEMU can't be tried") }
        if result.status.isSuccess { return .hardware }
        let words = result.errorTail.split(separator: "\n").first.map(String.init) ?? "it fails"
        return .emulation("QEMU can't use /dev/kvm: \(words.replacing("\(Tool.qemu.name): ", with: ""))")
    }
}
