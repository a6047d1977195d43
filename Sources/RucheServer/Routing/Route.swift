package import HTTPTypes
package import Hummingbird
package import RucheCore

/// One endpoint as data: where it is, who may call it, how it is documented, what it does.
///
/// The router, the access check and the OpenAPI document are all made from these, so none can be forgotten.
package struct Route: Sendable {
    package enum Access: Sendable, Hashable {
        /// Anybody who reaches the server; only for what tells nothing.
        case anyone
        /// Whoever says rightly who they are: for what is about themselves.
        case caller
        /// Anybody; the handler shows what they may see.
        case visitor
        /// Whoever may see the environment that the path names by `{owner}` and `{name}`: anybody for a public one.
        case environment
        /// Callers with this right on some owner. Where the path has a part `{owner}` it is checked for that one; else
        /// the handler checks the owner of the thing it is asked for.
        case right(Right)
        /// Callers with this right on the whole site.
        case site(Right)
        /// The token of the job that the path names (`/jobs/{id}/notify`), checked by the handler.
        case jobToken

        /// What one needs, where that is one thing.
        package var right: Right? {
            switch self {
            case .right(let right), .site(let right): right
            case .anyone, .visitor, .environment, .caller, .jobToken: nil
            }
        }
    }

    package var method: HTTPRequest.Method
    /// An OpenAPI path template, such as `/api/v1/jobs/{id}`.
    package var path: String
    package var access: Access
    /// How its errors are told, and how clients say who they are.
    package var door: Door
    package var documentation: RouteDocumentation
    package var handler: @Sendable (Request, AppRequestContext) async throws -> Response

    /// Who did not think of access gets a route for administrators only.
    package init(
        _ method: HTTPRequest.Method, _ path: String, access: Access = .site(.administer), door: Door = .api,
        _ documentation: RouteDocumentation,
        handler: @escaping @Sendable (Request, AppRequestContext) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.door = door
        self.documentation = documentation
        self.handler = handler
    }
}

/// What the OpenAPI document says of a route.
package struct RouteDocumentation: Sendable {
    package var summary: String
    /// Query parameters and what they mean.
    package var query: [String: String]
    /// Names of documents in `components/schemas`, such as `JobRequest`; nil for none or for bytes.
    package var request: String?
    package var response: String?
    /// The status of success.
    package var status: Int

    package init(
        _ summary: String, query: [String: String] = [:], request: String? = nil, response: String? = nil,
        status: Int = 200
    ) {
        self.summary = summary
        self.query = query
        self.request = request
        self.response = response
        self.status = status
    }
}
