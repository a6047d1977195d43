import HTTPTypes
import Hummingbird
import RucheCore
package import RucheService
import RucheWire

/// Tokens of the API: `/api/v1/tokens` and below.
package struct TokenRoutes: Sendable {
    private let accounts: AccountService

    package init(_ accounts: AccountService) { self.accounts = accounts }

    package var routes: [Route] {
        [
            Route(
                .get, "/api/v1/tokens", access: .right(.administer),
                RouteDocumentation(
                    "Lists one's tokens, newest first; for administrators of the site everybody's.",
                    query: [
                        "user": "Only tokens of this user.", "limit": "At most so many, 1 to 1000.",
                        "cursor": "The `next` of the page before.",
                    ], response: "Page<TokenDocument>"), handler: list),
            Route(
                .post, "/api/v1/tokens", access: .right(.administer),
                RouteDocumentation(
                    "Makes a token. The answer is the only place where its text is ever shown.",
                    request: "TokenRequest", response: "TokenDocument", status: 201), handler: add),
            Route(
                .delete, "/api/v1/tokens/{id}", access: .right(.administer),
                RouteDocumentation("Revokes a token at once.", status: 204)
            ) { _, context in
                let caller = context.caller
                try await accounts.revokeToken(
                    try context.identifier(), of: caller.mayOnSite(.administer) ? nil : try Self.user(caller))
                return .noContent
            },
        ]
    }

    private func list(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let limit = try request.pageLimit()
        var user = try request.query("user").map { text in
            guard let user = OwnerName(text) else { throw Request.invalidQuery("user", text, allowed: "a user's name") }
            return user
        }
        if !context.caller.mayOnSite(.administer) {
            let own = try Self.user(context.caller)
            guard user == nil || user == own else { throw RucheError(.forbidden, "tokens of others are not shown") }
            user = own
        }
        let tokens = try await accounts.tokens(of: user, before: request.identifierCursor(), limit: limit)
        let next = tokens.count == limit ? tokens.last?.id.description : nil
        return try .json(Page(items: tokens.map(TokenDocument.init), next: next))
    }

    private func add(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let body = try await request.decodeJSON(TokenRequest.self, context, limit: 16 << 10)
        let caller = context.caller
        let user = try body.user ?? Self.user(caller)
        guard user == caller.user || caller.mayOnSite(.administer) else {
            throw RucheError(.forbidden, "only administrators of the site make tokens of others")
        }
        let (token, text) = try await accounts.addToken(
            of: user, name: body.name, scope: TokenScope(rights: Set(body.rights), owner: body.owner),
            expiresAt: body.expiresAt, by: caller)
        var document = TokenDocument(token)
        document.token = text
        return try .json(
            document, status: .created,
            headers: [.location: "/api/v1/tokens/\(token.id)", .cacheControl: "no-store"])
    }

    private static func user(_ caller: Caller) throws -> OwnerName {
        guard let user = caller.user else {
            throw RucheError(.invalidInput, "name the user: the private socket has no account of its own")
        }
        return user
    }
}

extension TokenDocument {
    init(_ token: TokenAccount) {
        self.init(
            id: token.id, user: token.user, name: token.name, rights: token.scope.rights.sorted(),
            createdAt: token.createdAt)
        owner = token.scope.owner
        expiresAt = token.expiresAt
        usedAt = token.usedAt
    }
}
