import Glibc
import RucheCore

/// An account of this machine.
package struct SystemAccount: Hashable, Sendable {
    package let name: String
    package let user: UInt32
    package let group: UInt32

    /// Throws `not_found` for a name that the machine does not know.
    package init(named name: String) throws {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 64 << 10)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            throw RucheError(.notFound, "this machine has no account \"\(name.prefix(64))\"")
        }
        (self.name, user, group) = (name, entry.pw_uid, entry.pw_gid)
    }

    /// Debian's account for what has no rights.
    package static func nobody() -> SystemAccount { SystemAccount(name: "nobody", id: Command.nobody) }

    private init(name: String, id: UInt32) { (self.name, user, group) = (name, id, id) }
}
