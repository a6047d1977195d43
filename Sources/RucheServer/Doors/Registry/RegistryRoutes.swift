import HTTPTypes
import Hummingbird
import RucheCore
package import RucheService

/// The catalogue as a registry of images and artifacts: OCI distribution specification 1.1, whole.
package struct RegistryRoutes: Sendable {
    let registry: RegistryService
    let grants: RegistryGrants
    static let repository = "/v2/{owner}/{name}"

    package init(_ registry: RegistryService, grants: RegistryGrants) {
        self.registry = registry
        self.grants = grants
    }

    package var routes: [Route] {
        base + manifestRoutes + blobRoutes + uploadRoutes
    }

    private var base: [Route] {
        ["/v2", "/v2/"].map { path in
            Route(.get, path, access: .visitor, door: .registry, RouteDocumentation("Tells that this is a registry.")) {
                _, context in
                // Clients that are let in here never ask for a token, and could not push.
                guard context.caller != .anonymous || context.grant != nil else {
                    throw RucheError(.unauthorized, "log in, or ask for a token without a name")
                }
                return Response(
                    status: .ok, headers: [.contentType: "application/json", .dockerVersion: "registry/2.0"],
                    body: .init(byteBuffer: .init(string: "{}")))
            }
        } + [
            Route(
                .get, "/v2/token", access: .visitor, door: .registry,
                RouteDocumentation("Gives a short-lived token."), handler: token),
            Route(
                .get, "/v2/_catalog", access: .visitor, door: .registry,
                RouteDocumentation("Lists repositories."), handler: repositories),
        ]
    }

    /// A token for what is asked, as far as the caller may do it.
    private func token(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let caller = context.caller
        var repositories: [String: Set<String>] = [:]
        // Several in one parameter have spaces between them, which forms write as a plus.
        let scopes = request.uri.queryParameters.getAll("scope").flatMap { $0.split { $0 == " " || $0 == "+" } }
        for scope in scopes.prefix(20) {
            let parts = scope.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "repository", let name = EnvironmentName(parts[1]) else { continue }
            let asked = Set(parts[2].split(separator: ",").map(String.init))
            repositories[name.description, default: []].formUnion(try await actions(asked, on: name, caller))
        }
        let holder: RegistryGrant.Holder =
            caller == .anonymous ? .anonymous : caller.user.map { .user($0) } ?? .local
        let now = SystemTime.milliseconds() / 1000
        let grant = RegistryGrant(
            holder: holder, scope: caller.scope, repositories: repositories, expiresAt: now + RegistryGrants.lifetime)
        let text = try grants.sign(grant)
        return try .json(
            TokenDocument(token: text, access_token: text, expires_in: RegistryGrants.lifetime),
            headers: [.cacheControl: "no-store"])
    }

    /// No time of issue: clients that compare it with their own clock would ask anew for each request.
    private struct TokenDocument: Encodable {
        var token: String
        var access_token: String
        var expires_in: Int64
    }

    private func actions(
        _ asked: Set<String>, on name: EnvironmentName, _ caller: Caller
    ) async throws -> Set<String> {
        var allowed: Set<String> = []
        if try await registry.catalogue.visibility.allows(caller, toSee: name) { allowed.insert("pull") }
        if caller.may(.publish, on: name.ownerName) { allowed.formUnion(["pull", "push", "delete"]) }
        return asked.contains("*") ? allowed : allowed.intersection(asked)
    }

    private func repositories(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let limit = try request.integer("n", in: 0...10_000) ?? 1000
        guard limit > 0 else { return try .json(["repositories": [String]()]) }
        let page = try await registry.repositories(
            owners: context.caller.releaseOwners, after: request.query("last"), limit: limit)
        var headers = HTTPFields()
        if page.isCut, let last = page.names.last {
            headers[.link] = "</v2/_catalog?n=\(limit)&last=\(PercentEncoding.encode(last))>; rel=\"next\""
        }
        return try .json(["repositories": page.names], headers: headers)
    }

    // MARK: Rights

    /// The repository of the path, for who may pull from it. Throws `invalid_reference` for what is no name.
    func repository(_ context: AppRequestContext) throws -> EnvironmentName {
        let name = try context.environmentName()
        if let grant = context.grant, !grant.allows("pull", on: name) { throw Self.needsScope(name) }
        return name
    }

    /// The repository of the path, for who may change it.
    func writable(_ context: AppRequestContext, _ action: String = "push") throws -> EnvironmentName {
        let name = try context.environmentName()
        if context.caller.may(.publish, on: name.ownerName) {
            // A token that was made for less is exchanged, as clients do on this answer.
            if let grant = context.grant, !grant.allows(action, on: name), !grant.allows("push", on: name) {
                throw Self.needsScope(name)
            }
            return name
        }
        guard context.caller != .anonymous else {
            throw RucheError(.unauthorized, "pushing to \(name) needs a login")
        }
        throw Caller.forbidden(.publish, on: name.ownerName)
    }

    private static func needsScope(_ name: EnvironmentName) -> RucheError {
        RucheError(.unauthorized, "the token is not for this in \(name)")
    }
}
