package import RucheCore
import RucheStore

/// What a request showed to be let in, as its hash: enough to look later whether it still holds.
package enum Credential: Hashable, Sendable {
    case token(hash: String)
    case session(hash: String)

    package init(token: String) { self = .token(hash: Secret.hash(token)) }
    package init(session: String) { self = .session(hash: Secret.hash(session)) }
}

extension AccountService {
    /// Who a credential stands for now, and until when (milliseconds since 1970) if nobody uses it meanwhile; nil when
    /// it has ended. Looking is no use of it.
    package func standing(of credential: Credential) async throws -> (caller: Caller, until: Int64?)? {
        switch credential {
        case .token(let hash):
            guard let (token, caller) = try await liveToken(hash: hash) else { return nil }
            return (caller, token.expiresAt)
        case .session(let hash):
            guard let (session, caller) = try await liveSession(hash: hash) else { return nil }
            return (caller, min(session.usedAt + policy.sessionIdle, session.createdAt + policy.sessionLife))
        }
    }

    func liveToken(hash: String) async throws -> (TokenAccount, Caller)? {
        let found = try await database.read { connection -> (TokenRow, CallerRows)? in
            guard let token = try TokenRepository(connection).token(hash: hash),
                let rows = try CallerRows(connection, user: token.user)
            else { return nil }
            return (token, rows)
        }
        guard let (row, rows) = found, var caller = rows.caller else { return nil }
        let token = try TokenAccount(row: row)
        if let end = token.expiresAt, end <= now() { return nil }
        caller.scope = token.scope
        return (token, caller)
    }

    func liveSession(hash: String) async throws -> (SessionRow, Caller)? {
        let found = try await database.read { connection -> (SessionRow, CallerRows)? in
            guard let session = try SessionRepository(connection).session(hash: hash),
                let rows = try CallerRows(connection, user: session.user)
            else { return nil }
            return (session, rows)
        }
        guard let (session, rows) = found, let caller = rows.caller else { return nil }
        let time = now()
        guard time - session.usedAt <= policy.sessionIdle, time - session.createdAt <= policy.sessionLife else {
            return nil
        }
        return (session, caller)
    }

    /// Notes a use. It is for people to look at: a database that can't be written must not keep anybody out.
    func note(_ change: @Sendable @escaping (any SQLConnection) throws -> Void) async {
        do { try await database.write(change) } catch { return }
    }
}
