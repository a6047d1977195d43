import Hummingbird
import RucheCore
package import RucheService
import RucheWire

/// Making the first administrator: `/api/v1/setup`.
package struct SetupRoutes: Sendable {
    private let accounts: AccountService

    package init(_ accounts: AccountService) { self.accounts = accounts }

    package var routes: [Route] {
        [
            Route(
                .post, "/api/v1/setup", access: .anyone,
                RouteDocumentation(
                    """
                    Makes the first administrator, with the code that the server wrote to a file at its start. There is \
                    nothing here once there is an administrator.
                    """, request: "SetupRequest", response: "UserDocument", status: 201)
            ) { request, context in
                let body = try await request.decodeJSON(SetupRequest.self, context, limit: 16 << 10)
                let user = try await accounts.setUp(
                    body.name, displayName: body.displayName, password: body.password, code: body.code,
                    address: context.clientAddress(request))
                return try .json(
                    UserDocument(user), status: .created,
                    headers: [.location: "/api/v1/users/\(user.name)", .cacheControl: "no-store"])
            }
        ]
    }
}
