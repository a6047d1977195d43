package import RucheCore
import Synchronization

/// Wakes whoever follows something when the rights it was opened with may have become fewer.
package final class AccessWatches: Sendable {
    private struct State {
        var next = 0
        var watchers: [Int: (user: OwnerName?, wake: @Sendable () -> Void)] = [:]
    }

    private let state = Mutex(State())

    /// Calls `wake` after each change that touches `user`; it never blocks. Returns the number for `end`.
    package func begin(_ user: OwnerName?, _ wake: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.next += 1
            state.watchers[state.next] = (user, wake)
            return state.next
        }
    }

    package func end(_ number: Int) { state.withLock { _ = $0.watchers.removeValue(forKey: number) } }

    /// Tells of an event that was written.
    func tell(_ kind: String, of owner: OwnerName, _ data: [String: JSONValue]) {
        switch kind {
        case "token.revoked", "session.ended", "account.changed", "account.removed", "account.password-changed":
            wake { $0 == owner }
        case "member.set", "member.removed":
            guard case .string(let name)? = data["user"] else { return wake { _ in true } }
            wake { $0?.description == name }
        case "owner.removed": wake { _ in true }
        default: return
        }
    }

    private func wake(_ isMeant: (OwnerName?) -> Bool) {
        let wakes = state.withLock { state in state.watchers.values.filter { isMeant($0.user) }.map(\.wake) }
        for wake in wakes { wake() }
    }
}
