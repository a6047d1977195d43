import Glibc
import RucheCore
import RucheHost
import Synchronization

/// Finds out whether QEMU can use the processor's own support for machines; once, but for a trial that failed, which
/// may do better after a minute.
///
/// By starting QEMU with a machine that never runs: the device may be there and make machines, and still lack what
/// QEMU then asks of it.
final class AccelerationProbe: Sendable {
    typealias User = (uid: uid_t, gid: gid_t)

    private let known = Mutex<(found: InstanceAcceleration, until: ContinuousClock.Instant?)?>(nil)

    func find(_ runner: any CommandRunning) async -> InstanceAcceleration { await find(runner) { nil } }

    /// `user` is asked for as whom machines run where that is somebody who may get at less than this process, and only
    /// when this process can use it. Throws what `user` does.
    func find(
        _ runner: any CommandRunning, as user: () async throws -> User?
    ) async rethrows -> InstanceAcceleration {
        if let known = known.withLock({ $0 }), known.until.map({ $0 > .now }) ?? true { return known.found }
        if let obstacle = KVM.obstacle() {
            known.withLock { $0 = (.emulation(obstacle), nil) }
            return .emulation(obstacle)
        }
        let found = await look(runner, as: try await user())
        // Memory or processes may have been short just then.
        known.withLock { known in
            if known?.found != .hardware { known = (found, found == .hardware ? nil : .now + .seconds(60)) }
        }
        return found
    }

    private func look(_ runner: any CommandRunning, as user: User?) async -> InstanceAcceleration {
        var words = [
            Tool.qemu.name, "-accel", "kvm", "-cpu", "host", "-machine", "q35", "-m", "16", "-S", "-nodefaults",
            "-no-user-config", "-display", "none", "-qmp", "stdio",
        ]
        if let user {
            // Only an account that is known has more groups.
            let groups = getpwuid(user.uid) == nil ? "--clear-groups" : "--init-groups"
            words = ["setpriv", "--reuid=\(user.uid)", "--regid=\(user.gid)", groups] + words
        }
        var trial = Command(words[0], Array(words.dropFirst()))
        trial.input = .bytes(Array(#"{"execute": "qmp_capabilities"} {"execute": "quit"}"#.utf8))
        guard let result = try? await runner.run(trial, onLine: nil) else { return .emulation("QEMU can't be tried") }
        if result.status.isSuccess { return .hardware }
        let reason = result.errorTail.split(separator: "\n").first.map(String.init) ?? "it fails"
        return .emulation("QEMU can't use /dev/kvm: \(reason.replacing("\(Tool.qemu.name): ", with: ""))")
    }
}
