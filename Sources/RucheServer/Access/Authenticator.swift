import HTTPTypes
import Hummingbird
import RucheCore
package import RucheService

/// Finds out who asks: by the listener, a token, or the cookie of a session.
package struct Authenticator: Sendable {
    private let token: AccessToken?
    private let accounts: AccountService?

    /// `token` is the one of the data directory.
    package init(token: AccessToken? = nil, accounts: AccountService? = nil) {
        self.token = token
        self.accounts = accounts
    }

    /// Throws `unauthorized` for who does not say so rightly, and `forbidden` for an unsafe request with a cookie
    /// that another site may have caused.
    func identify(_ request: Request, _ context: AppRequestContext) async throws -> Identity {
        if context.isLocal { return Identity(caller: .local) }
        if let header = request.headers[.authorization] { return try await identity(bearer: header) }
        if let secret = SessionCookie.value(in: request), let accounts {
            guard let (caller, csrf) = try await accounts.caller(session: secret) else {
                throw RucheError(.unauthorized, "the session has ended: log in again")
            }
            guard [.get, .head, .options].contains(request.method) || request.headers[.csrfToken] == csrf else {
                throw RucheError(
                    .forbidden, "a request with a cookie that changes something needs the session's X-CSRF-Token")
            }
            return Identity(caller: caller, credential: Credential(session: secret))
        }
        throw RucheError(
            .unauthorized, "this needs a token: send \"Authorization: Bearer TOKEN\", or log in (\"ruche login\")")
    }

    private func identity(bearer header: String) async throws -> Identity {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw RucheError(.unauthorized, "this needs a token: send \"Authorization: Bearer TOKEN\"")
        }
        if let token, token.matches(parts[1]) { return Identity(caller: .local) }
        let text = String(parts[1])
        if let caller = try await accounts?.caller(token: text) {
            return Identity(caller: caller, credential: Credential(token: text))
        }
        throw RucheError(.unauthorized, "the token is not valid")
    }
}

extension Authenticator {
    /// Who asks, and by what. The peer of the private socket and the token of the data directory never end.
    struct Identity: Sendable {
        var caller: Caller
        var credential: Credential?
    }
}
