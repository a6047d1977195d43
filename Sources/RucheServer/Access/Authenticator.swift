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
    func caller(of request: Request, _ context: AppRequestContext) async throws -> Caller {
        if context.isLocal { return .local }
        if let header = request.headers[.authorization] { return try await caller(bearer: header) }
        if let secret = SessionCookie.value(in: request), let accounts {
            guard let (caller, csrf) = try await accounts.caller(session: secret) else {
                throw RucheError(.unauthorized, "the session has ended: log in again")
            }
            guard [.get, .head, .options].contains(request.method) || request.headers[.csrfToken] == csrf else {
                throw RucheError(
                    .forbidden, "a request with a cookie that changes something needs the session's X-CSRF-Token")
            }
            return caller
        }
        throw RucheError(
            .unauthorized, "this needs a token: send \"Authorization: Bearer TOKEN\", or log in (\"ruche login\")")
    }

    private func caller(bearer header: String) async throws -> Caller {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw RucheError(.unauthorized, "this needs a token: send \"Authorization: Bearer TOKEN\"")
        }
        if let token, token.matches(parts[1]) { return .local }
        if let caller = try await accounts?.caller(token: String(parts[1])) { return caller }
        throw RucheError(.unauthorized, "the token is not valid")
    }
}
