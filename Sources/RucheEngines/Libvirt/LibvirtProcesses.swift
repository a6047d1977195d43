import RucheCore
import RucheHost
import Synchronization
import SystemPackage

/// The QEMU of each machine that was seen to run. While it is there, libvirt need not be asked, which is a process and
/// a connection each time.
final class LibvirtProcesses: Sendable {
    private let known = Mutex<[Identifier: ProcessIdentity]>([:])

    func isAlive(_ id: Identifier) -> Bool {
        guard let process = known.withLock({ $0[id] }) else { return false }
        if process.isAlive { return true }
        known.withLock { $0[id] = nil }
        return false
    }

    /// Looks for the process of a machine that runs. That of a libvirt in a container may be out of sight.
    func look(for spec: InstanceSpec) {
        let name = "guest=\(spec.mark),"
        let numbers = (try? FileTree.names(in: "/proc"))?.compactMap { Int32($0) } ?? []  // libvirt is asked on then
        let process = numbers.first { number in
            ProcessIdentity.arguments(of: number).contains { $0.hasPrefix(name) }
        }.flatMap { ProcessIdentity(of: $0) }
        known.withLock { $0[spec.id] = process }
    }
}
