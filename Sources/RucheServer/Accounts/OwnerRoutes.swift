import Hummingbird
import RucheCore
package import RucheService
import RucheWire

/// Owners and their members: `/api/v1/owners` and below.
package struct OwnerRoutes: Sendable {
    private let accounts: AccountService

    package init(_ accounts: AccountService) { self.accounts = accounts }

    package var routes: [Route] { owners + changing + members }

    private var owners: [Route] {
        [
            Route(
                .get, "/api/v1/owners", access: .right(.read),
                RouteDocumentation(
                    "Lists the owners whose things one may read, by name.",
                    query: ["limit": "At most so many, 1 to 1000.", "cursor": "The `next` of the page before."],
                    response: "Page<OwnerDocument>")
            ) { request, context in
                let limit = try request.pageLimit()
                let owners = try await accounts.owners(
                    context.caller.owners(with: .read), after: request.query("cursor"), limit: limit)
                let next = owners.count == limit ? owners.last?.name.description : nil
                return try .json(Page(items: owners.map(OwnerDocument.init), next: next))
            },
            Route(
                .post, "/api/v1/owners", access: .site(.administer),
                RouteDocumentation(
                    "Makes an organisation.", request: "OwnerRequest", response: "OwnerDocument", status: 201)
            ) { request, context in
                let body = try await request.decodeJSON(OwnerRequest.self, context, limit: 16 << 10)
                let owner = try await accounts.addOrganisation(
                    body.name, displayName: body.displayName, sharesReleases: body.sharesReleases ?? false)
                return try .json(
                    OwnerDocument(owner), status: .created, headers: [.location: "/api/v1/owners/\(owner.name)"])
            },
            Route(
                .get, "/api/v1/owners/{owner}", access: .right(.read),
                RouteDocumentation("Shows an owner.", response: "OwnerDocument")
            ) { _, context in try .json(OwnerDocument(try await accounts.owner(try context.owner(.read)))) },
        ]
    }

    private var changing: [Route] {
        [
            Route(
                .patch, "/api/v1/owners/{owner}", access: .right(.administer),
                RouteDocumentation("Changes an owner.", request: "OwnerChange", response: "OwnerDocument")
            ) { request, context in
                let body = try await request.decodeJSON(OwnerChange.self, context, limit: 16 << 10)
                let owner = try await accounts.changeOwner(
                    try context.owner(.administer), displayName: body.displayName, sharesReleases: body.sharesReleases)
                return try .json(OwnerDocument(owner))
            },
            Route(
                .delete, "/api/v1/owners/{owner}", access: .site(.administer),
                RouteDocumentation("Removes an organisation that owns nothing.", status: 204)
            ) { _, context in
                try await accounts.removeOwner(try context.owner(.administer))
                return .noContent
            },
        ]
    }

    private var members: [Route] {
        [
            Route(
                .get, "/api/v1/owners/{owner}/members", access: .right(.read),
                RouteDocumentation("Lists who has which role.", response: "[MemberDocument]")
            ) { _, context in
                let members = try await accounts.members(of: try context.owner(.read))
                return try .json(members.map { MemberDocument(user: $0.user, role: $0.role) })
            },
            Route(
                .put, "/api/v1/owners/{owner}/members/{user}", access: .right(.administer),
                RouteDocumentation("Gives a user a role.", request: "RoleDocument", status: 204)
            ) { request, context in
                let body = try await request.decodeJSON(RoleDocument.self, context, limit: 4096)
                try await accounts.setRole(
                    body.role, of: try context.member(), with: try context.owner(.administer))
                return .noContent
            },
            Route(
                .delete, "/api/v1/owners/{owner}/members/{user}", access: .right(.administer),
                RouteDocumentation("Takes a user's role away.", status: 204)
            ) { _, context in
                try await accounts.removeMember(try context.member(), of: try context.owner(.administer))
                return .noContent
            },
        ]
    }
}

extension AppRequestContext {
    /// `{owner}` of the path. Throws `not_found` for what can't be one, and for one that the caller has no right to.
    fileprivate func owner(_ right: Right) throws -> OwnerName {
        let text = try parameter("owner")
        let missing = RucheError(
            .notFound, "there is no owner \(text.prefix(64))", details: ["owner": "\(text.prefix(64))"])
        guard let owner = OwnerName(text) else { throw missing }
        try caller.require(right, on: owner, else: missing)
        return owner
    }

    fileprivate func member() throws -> OwnerName {
        let text = try parameter("user")
        guard let user = OwnerName(text) else { throw RucheError(.notFound, "there is no user \(text.prefix(64))") }
        return user
    }
}

extension OwnerDocument {
    init(_ owner: OwnerAccount) {
        self.init(
            name: owner.name, kind: owner.kind.rawValue, displayName: owner.displayName,
            sharesReleases: owner.sharesReleases, createdAt: owner.createdAt)
    }
}
