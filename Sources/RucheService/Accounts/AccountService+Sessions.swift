package import RucheCore
import RucheStore

extension AccountService {
    /// Logs in with a password. Throws what `verify` does.
    package func logIn(_ name: String, password: String, address: String) async throws -> NewSession {
        let caller = try await verify(name, password: password, address: address)
        return try await begin(caller.owner, caller, address)
    }

    /// Who has a password, without a session. Throws `too_many_requests` with the seconds to wait after many failures
    /// of the user or from the address, and `unauthorized`, in the same time and words, for whatever is wrong.
    package func verify(_ name: String, password: String, address: String) async throws -> Caller {
        // A name that can't be one is counted for the address only: the table must not fill with inventions.
        let user = OwnerName(name)
        let subjects =
            [("address:\(address.prefix(64))", policy.freeFailuresOfAddress)]
            + (user.map { [("user:\($0)", policy.freeFailuresOfUser)] } ?? [])
        try await requirePatience(subjects)
        let rows = try await database.read { connection in
            try user.map { try UserRepository(connection).user($0.description) } ?? nil
        }
        let stored = password.utf8.count > policy.longestPassword ? nil : rows?.password.flatMap { PasswordHash($0) }
        let guess = password.utf8.count > policy.longestPassword ? "" : password
        let isRight = try await hasher.matches(guess, stored)
        let caller = try await database.read { connection in
            try user.flatMap { try CallerRows(connection, user: $0.description) }?.caller
        }
        guard isRight, let caller else {
            try await refuse(subjects.map(\.0), user, address)
            throw RucheError(.unauthorized, "the user name or the password is not right")
        }
        return caller
    }

    private func begin(_ user: OwnerName, _ caller: Caller, _ address: String) async throws -> NewSession {
        let (secret, csrf) = (Secret(), Secret())
        let time = now()
        let row = SessionRow(
            hash: secret.hash, user: user.description, csrf: csrf.text, createdAt: time, usedAt: time)
        let limits = policy
        try await Acting.$current.withValue(Acting(actor: user.description, owner: user)) {
            try await write("session.started", user, ["address": .string(address)]) { connection in
                let sessions = SessionRepository(connection)
                try sessions.removeExpired(
                    usedBefore: time - limits.sessionIdle, createdBefore: time - limits.sessionLife)
                try sessions.insert(row)
                try LoginAttemptRepository(connection).forget("user:\(user)")
                try LoginAttemptRepository(connection).removeOlder(than: time - limits.failureMemory)
            }
        }
        return NewSession(secret: secret.text, csrf: csrf.text, caller: caller)
    }

    /// Who shows a session's cookie, and what unsafe requests must carry. Nil when it is none or has ended.
    package func caller(session secret: String) async throws -> (caller: Caller, csrf: String)? {
        guard secret.utf8.count < 200 else { return nil }
        let hash = Secret.hash(secret)
        guard let (session, caller) = try await liveSession(hash: hash) else { return nil }
        let time = now()
        if time - session.usedAt >= policy.useInterval {
            await note { try SessionRepository($0).used(hash, at: time) }
        }
        return (caller, session.csrf)
    }

    /// Ends a session.
    package func logOut(session secret: String, of user: OwnerName) async throws {
        let hash = Secret.hash(secret)
        try await write("session.ended", user) { try SessionRepository($0).remove(hash) }
    }

    func requirePatience(_ subjects: [(String, Int64)]) async throws {
        let (time, policy) = (now(), policy)
        let (wait, late) = try await database.read { connection -> (Int64, [(String, Int64)]) in
            var longest: Int64 = 0
            var late: [(String, Int64)] = []
            for (subject, free) in subjects {
                guard let failures = try LoginAttemptRepository(connection).failures(of: subject) else { continue }
                if failures.last > time { late.append((subject, failures.count)) }
                let passed = max(0, time - failures.last)
                longest = max(longest, policy.wait(after: failures.count, free: free) - passed)
            }
            return (longest, late)
        }
        guard wait > 0 else { return }
        if !late.isEmpty {
            // The clock was set back: the wait begins now, and nobody is locked out until the old time comes again.
            try await database.write { connection in
                for (subject, count) in late {
                    try LoginAttemptRepository(connection).set(subject, failures: count, at: time)
                }
            }
        }
        let seconds = (wait + 999) / 1000
        throw RucheError(
            .tooManyRequests, "logging in failed too often: try again in \(seconds) s",
            details: [ErrorCode.retryAfter: String(seconds)])
    }

    /// Counts a failure and tells of it.
    func refuse(
        _ subjects: [String], _ user: OwnerName?, _ address: String, kind: String = "session.refused"
    ) async throws {
        let time = now()
        var data: [String: JSONValue] = ["address": .string(address)]
        if let user { data["user"] = .string(user.description) }
        let draft = EventDraft(subject: "site", kind: kind, data: .object(data))
        let memory = policy.failureMemory
        try await events.write([draft]) { connection in
            let attempts = LoginAttemptRepository(connection)
            for subject in subjects {
                let known = try attempts.failures(of: subject)
                let count = known.map { time - $0.last > memory ? 0 : $0.count } ?? 0
                try attempts.set(subject, failures: count + 1, at: time)
            }
        }
    }
}
