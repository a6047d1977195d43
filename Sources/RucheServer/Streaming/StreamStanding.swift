import RucheCore
import RucheService
import Synchronization

/// Whether a stream may still be read by whom it was opened for.
///
/// The database is asked when something changed for the user, and when the token or the session would have ended.
final class StreamStanding: Sendable {
    private struct State {
        var isDue = true
        var until: Int64?
    }

    private let accounts: AccountService
    private let credential: Credential
    private let user: OwnerName?
    private let mayRead: @Sendable (Caller) async throws -> Void
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())

    /// `mayRead` throws for a caller who may not see what the stream shows.
    init(
        _ accounts: AccountService, _ credential: Credential, user: OwnerName?,
        now: @escaping @Sendable () -> Int64 = SystemTime.milliseconds,
        mayRead: @escaping @Sendable (Caller) async throws -> Void
    ) {
        self.accounts = accounts
        self.credential = credential
        self.user = user
        self.mayRead = mayRead
        self.now = now
    }

    /// Calls `wake` when it has to be looked again; returns what ends that.
    func watch(_ wake: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        let watches = accounts.watches
        let number = watches.begin(user) { [self] in
            state.withLock { $0.isDue = true }
            wake()
        }
        // What changed since the last look told nobody.
        state.withLock { $0.isDue = true }
        return { watches.end(number) }
    }

    /// How long it is until the end that is known.
    var timeLeft: Duration? {
        state.withLock { $0.until }.map { .milliseconds(max(0, $0 - now())) }
    }

    /// Throws `unauthorized` when the token or the session has ended, and what `mayRead` throws when it lets see less.
    func check() async throws {
        let isDue = state.withLock { state in
            defer { state.isDue = false }
            return state.isDue || state.until.map { $0 <= now() } ?? false
        }
        guard isDue else { return }
        guard let (caller, until) = try await accounts.standing(of: credential) else {
            throw RucheError(.unauthorized, "the token or session that this stream was opened with has ended")
        }
        try await mayRead(caller)
        state.withLock { $0.until = until }
    }
}
