import Glibc
import RucheCore

/// What this process may do, and what machines get of it.
enum Privileges {
    static var isRoot: Bool { geteuid() == 0 }

    /// Numbers above those that systems give to people, services and containers.
    private static let firstUser: UInt32 = 1_879_048_192

    /// The user and group that a machine's process becomes: another for each machine, with no rights to anything. Nil
    /// where this process has none to give up.
    static func machineUser(_ id: Identifier) -> String? {
        guard isRoot else { return nil }
        let number = id.description.utf8.suffix(6).reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
        let user = firstUser + number % (1 << 24)
        return "\(user):\(user)"
    }
}
