import Hummingbird
import RucheCore
package import RucheService
import RucheWire

/// Users: `/api/v1/users` and below.
package struct UserRoutes: Sendable {
    private let accounts: AccountService

    package init(_ accounts: AccountService) { self.accounts = accounts }

    package var routes: [Route] {
        [
            Route(
                .get, "/api/v1/users", access: .site(.administer),
                RouteDocumentation(
                    "Lists users by name.",
                    query: ["limit": "At most so many, 1 to 1000.", "cursor": "The `next` of the page before."],
                    response: "Page<UserDocument>")
            ) { request, _ in
                let limit = try request.pageLimit()
                let users = try await accounts.users(after: request.query("cursor"), limit: limit)
                let next = users.count == limit ? users.last?.name.description : nil
                return try .json(Page(items: users.map(UserDocument.init), next: next))
            },
            Route(
                .post, "/api/v1/users", access: .site(.administer),
                RouteDocumentation("Makes a user.", request: "UserRequest", response: "UserDocument", status: 201)
            ) { request, context in
                let body = try await request.decodeJSON(UserRequest.self, context, limit: 16 << 10)
                let user = try await accounts.addUser(
                    body.name, displayName: body.displayName, siteRole: body.siteRole, password: body.password)
                return try .json(
                    UserDocument(user), status: .created, headers: [.location: "/api/v1/users/\(user.name)"])
            },
            Route(
                .get, "/api/v1/users/{user}", access: .right(.read),
                RouteDocumentation("Shows a user: oneself, or anybody for administrators.", response: "UserDocument")
            ) { _, context in
                try .json(UserDocument(try await accounts.user(try context.ownUser(.read))))
            },
        ] + changing
    }

    private var changing: [Route] {
        [
            Route(
                .patch, "/api/v1/users/{user}", access: .site(.administer),
                RouteDocumentation("Changes a user.", request: "UserChange", response: "UserDocument"), handler: change),
            Route(
                .put, "/api/v1/users/{user}/password", access: .right(.administer),
                RouteDocumentation(
                    "Sets a password and ends the user's sessions. For oneself, with the one until now.",
                    request: "PasswordRequest", status: 204)
            ) { request, context in
                let body = try await request.decodeJSON(PasswordRequest.self, context, limit: 16 << 10)
                let isOthers = context.caller.mayOnSite(.administer)
                try await accounts.setPassword(
                    body.password, of: try context.ownUser(.administer),
                    current: isOthers ? nil : .some(body.current))
                return .noContent
            },
            Route(
                .delete, "/api/v1/users/{user}", access: .site(.administer),
                RouteDocumentation("Removes a user who owns nothing.", status: 204)
            ) { _, context in
                try await accounts.removeUser(try context.ownUser(.administer))
                return .noContent
            },
        ]
    }

    private func change(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let body = try await request.decodeJSON(UserChange.self, context, limit: 16 << 10)
        var role: Role?? = nil
        if let text = body.siteRole {
            guard text == "none" || Role(rawValue: text) != nil else {
                throw RucheError(
                    .invalidInput, "\"\(text.prefix(40))\" is no role",
                    problems: [
                        Problem(
                            path: "siteRole", message: "is no role",
                            allowed: (Role.allCases.map(\.rawValue) + ["none"]).joined(separator: ", "))
                    ])
            }
            role = .some(Role(rawValue: text))
        }
        let user = try await accounts.changeUser(
            try context.ownUser(.administer), displayName: body.displayName, siteRole: role, isDisabled: body.disabled)
        return try .json(UserDocument(user))
    }
}

extension AppRequestContext {
    /// `{user}` of the path, for administrators of the site, or for the user. Throws `not_found` for others.
    func ownUser(_ right: Right) throws -> OwnerName {
        let text = try parameter("user")
        let missing = RucheError(
            .notFound, "there is no user \(text.prefix(64))", details: ["user": "\(text.prefix(64))"])
        guard let name = OwnerName(text) else { throw missing }
        guard caller.mayOnSite(right) || (caller.user == name && caller.may(right, on: name)) else { throw missing }
        return name
    }
}

extension UserDocument {
    init(_ user: UserAccount) {
        self.init(
            name: user.name, displayName: user.displayName, siteRole: user.siteRole, disabled: user.isDisabled,
            roles: Dictionary(uniqueKeysWithValues: user.roles.map { ("\($0.key)", $0.value) }),
            createdAt: user.createdAt)
    }
}
