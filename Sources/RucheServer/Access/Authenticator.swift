import Foundation
import HTTPTypes
import Hummingbird
import RucheCore
package import RucheService

/// Finds out who asks: by the listener, a token, or the cookie of a session.
package struct Authenticator: Sendable {
    private let token: AccessToken?
    private let accounts: AccountService?
    private let grants: RegistryGrants

    /// `token` is the one of the data directory.
    package init(
        token: AccessToken? = nil, accounts: AccountService? = nil, grants: RegistryGrants = RegistryGrants()
    ) {
        self.token = token
        self.accounts = accounts
        self.grants = grants
    }

    /// Whether a request says at all who asks.
    func hasCredentials(_ request: Request, _ context: AppRequestContext, _ door: Door) -> Bool {
        context.isLocal || request.headers[.authorization] != nil || door.token(in: request) != nil
            || SessionCookie.value(in: request) != nil
    }

    /// Throws `unauthorized` for who does not say so rightly, and `forbidden` for an unsafe request with a cookie
    /// that another site may have caused.
    func identify(_ request: Request, _ context: AppRequestContext, _ door: Door = .api) async throws -> Identity {
        if context.isLocal { return Identity(caller: .local) }
        if let header = request.headers[.authorization] {
            let parts = header.split(separator: " ", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "basic", door.takesBasic {
                return Identity(caller: try await caller(basic: parts[1], context.clientAddress(request)))
            }
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw Self.needsToken }
            if door == .registry, RegistryGrants.isGrant(String(parts[1])) {
                return try await identity(grant: String(parts[1]))
            }
            return try await identity(token: parts[1])
        }
        if let token = door.token(in: request) { return try await identity(token: token[...]) }
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

    private func identity(token text: Substring) async throws -> Identity {
        if let token, token.matches(text) { return Identity(caller: .local) }
        if let caller = try await accounts?.caller(token: String(text)) {
            return Identity(caller: caller, credential: Credential(token: String(text)))
        }
        throw RucheError(.unauthorized, "the token is not valid")
    }

    /// A user's name with their password, or any name with a token (RFC 7617).
    private func caller(basic text: Substring, _ address: String) async throws -> Caller {
        guard text.utf8.count < 8 << 10, let data = Data(base64Encoded: String(text)),
            let pair = String(data: data, encoding: .utf8), let colon = pair.firstIndex(of: ":")
        else { throw RucheError(.unauthorized, "the credentials can't be read") }
        let secret = pair[pair.index(after: colon)...]
        if let token, token.matches(secret) { return .local }
        if let caller = try await accounts?.caller(token: String(secret)) { return caller }
        guard let accounts else { throw RucheError(.unauthorized, "the token is not valid") }
        return try await accounts.verify(String(pair[..<colon]), password: String(secret), address: address)
    }

    private func identity(grant text: String) async throws -> Identity {
        let refusal = RucheError(.unauthorized, "the token is not valid any more")
        guard let grant = grants.grant(text, now: SystemTime.milliseconds() / 1000) else { throw refusal }
        switch grant.holder {
        case .anonymous: return Identity(caller: .anonymous, grant: grant)
        case .local: return Identity(caller: .local, grant: grant)
        case .user(let name):
            guard var caller = try await accounts?.caller(user: name) else { throw refusal }
            caller.scope = grant.scope
            return Identity(caller: caller, grant: grant)
        }
    }

    private static let needsToken = RucheError(
        .unauthorized, "this needs a token: send \"Authorization: Bearer TOKEN\"")
}

extension Authenticator {
    /// Who asks, and by what. The peer of the private socket and the token of the data directory never end.
    struct Identity: Sendable {
        var caller: Caller
        var credential: Credential?
        /// What a short-lived token of the registry was made for.
        var grant: RegistryGrant?
    }
}
