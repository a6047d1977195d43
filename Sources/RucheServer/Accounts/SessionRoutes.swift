import HTTPTypes
import Hummingbird
import RucheCore
package import RucheService
import RucheWire

/// Logging in and out, and who one is.
package struct SessionRoutes: Sendable {
    private let accounts: AccountService

    package init(_ accounts: AccountService) { self.accounts = accounts }

    package var routes: [Route] {
        [
            Route(
                .get, "/api/v1/me", access: .caller,
                RouteDocumentation("Tells who asks, and what they may do.", response: "MeDocument")
            ) { _, context in try .json(MeDocument(context.caller)) },
            Route(
                .post, "/api/v1/session", access: .anyone,
                RouteDocumentation(
                    """
                    Logs in with a password and sets a cookie. Unsafe requests with the cookie need the answer's \
                    `csrf` as `X-CSRF-Token`.
                    """, request: "LoginRequest", response: "MeDocument", status: 201), handler: logIn),
            Route(
                .get, "/api/v1/session", access: .caller,
                RouteDocumentation("Tells who is logged in, with `csrf`.", response: "MeDocument")
            ) { request, context in
                var document = MeDocument(context.caller)
                if let secret = SessionCookie.value(in: request) {
                    document.csrf = try await accounts.caller(session: secret)?.csrf
                }
                return try .json(document, headers: [.cacheControl: "no-store"])
            },
            Route(
                .delete, "/api/v1/session", access: .caller,
                RouteDocumentation("Logs out.", status: 204), handler: logOut),
        ]
    }

    private func logIn(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let body = try await request.decodeJSON(LoginRequest.self, context, limit: 16 << 10)
        let session = try await accounts.logIn(
            body.user, password: body.password, address: context.clientAddress(request))
        var document = MeDocument(session.caller)
        document.csrf = session.csrf
        return try .json(
            document, status: .created,
            headers: [
                .setCookie: SessionCookie.header(session.secret, isSecure: context.isSecure(request)),
                .cacheControl: "no-store",
            ])
    }

    private func logOut(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        if let secret = SessionCookie.value(in: request), let user = context.caller.user {
            try await accounts.logOut(session: secret, of: user)
        }
        return Response(
            status: .noContent, headers: [.setCookie: SessionCookie.removal(isSecure: context.isSecure(request))])
    }
}

extension MeDocument {
    init(_ caller: Caller) {
        self.init(
            actor: caller.actor, roles: Dictionary(uniqueKeysWithValues: caller.roles.map { ("\($0.key)", $0.value) }),
            rights: caller.scope.rights.sorted())
        user = caller.user
        siteRole = caller.siteRole
        owner = caller.scope.owner
    }
}
