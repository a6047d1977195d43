import HTTPTypes
import Hummingbird
import RucheCore
package import RucheService
import RucheWire

/// The catalogue as `vagrant` knows one: metadata and boxes for everybody, and the API of Vagrant Cloud, versions 1
/// and 2, for publishing.
package struct VagrantRoutes: Sendable {
    static let bodyLimit = 256 << 10
    let boxes: BoxService
    let accounts: AccountService
    /// Who has the address of an environment when no box metadata is asked for there.
    let records: RecordRoutes?
    let signed = SignedText()
    var environments: EnvironmentService { boxes.environments }

    package init(_ boxes: BoxService, accounts: AccountService, records: RecordRoutes? = nil) {
        self.boxes = boxes
        self.accounts = accounts
        self.records = records
    }

    package var routes: [Route] {
        metadataRoutes
            + VagrantView.bases.flatMap { base in
                accountRoutes(base) + boxRoutes(base) + versionRoutes(base) + providerRoutes(base) + uploadRoutes(base)
            }
    }

    func route(
        _ method: HTTPRequest.Method, _ path: String, _ access: Route.Access, _ summary: String,
        _ handler: @escaping @Sendable (Request, AppRequestContext) async throws -> Response
    ) -> Route {
        Route(method, path, access: access, door: .vagrant, RouteDocumentation(summary), handler: handler)
    }

    /// The box of the path, for who may change it; what they may not see answers like what does not exist.
    func writable(_ context: AppRequestContext) async throws -> EnvironmentName {
        let name = try context.environmentName()
        guard !context.caller.may(.publish, on: name.ownerName) else { return name }
        guard try await environments.catalogue.visibility.allows(context.caller, toSee: name) else {
            throw RucheError(.notFound, "\(name) is not in the catalogue")
        }
        throw Caller.forbidden(.publish, on: name.ownerName)
    }

    func version(_ context: AppRequestContext) throws -> ReleaseVersion {
        let text = try context.parameter("version")
        guard let version = ReleaseVersion(text) else {
            throw RucheError(.notFound, "\"\(text.prefix(100))\" is no version: it is numbers with dots, such as 1.0.0")
        }
        return version
    }

    private func accountRoutes(_ base: String) -> [Route] {
        [
            route(.get, "\(base)/authenticate", .caller, "Tells whose token it is.") { _, context in
                try .json(["user": ["username": context.caller.user?.description ?? context.caller.actor]])
            },
            route(.post, "\(base)/authenticate", .anyone, "Makes a token of a user with their password.", logIn),
            route(.delete, "\(base)/authenticate", .caller, "Takes back the token that is shown.") { request, context in
                if let text = VagrantRoutes.token(request) { try await accounts.revoke(token: text) }
                return .noContent
            },
            route(.get, "\(base)/user/{owner}", .visitor, "Shows an owner with their boxes.", owner),
            route(.get, "\(base)/search", .visitor, "Looks for boxes.", search),
        ]
    }

    private static func token(_ request: Request) -> String? {
        let header = request.headers[.authorization].map { String($0.split(separator: " ").last ?? "") }
        return header ?? Door.vagrant.token(in: request)
    }

    private func logIn(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let body = try await request.decodeJSON(Vagrant.LoginRequest.self, context, limit: 16 << 10)
        let caller = try await accounts.verify(
            body.user.login, password: body.user.password, address: context.clientAddress(request))
        let description = body.token?.description.flatMap { $0.isEmpty ? nil : $0 } ?? "vagrant"
        let (token, text) = try await Acting.$current.withValue(Acting(actor: caller.actor, owner: caller.owner)) {
            try await accounts.addToken(
                of: caller.owner, name: String(description.prefix(100)),
                scope: TokenScope(rights: [.read, .run, .publish]), expiresAt: nil, by: caller)
        }
        return try .json([
            "token": text, "token_hash": token.id.description, "description": description,
            "created_at": VagrantView.time(token.createdAt),
        ])
    }

    private func owner(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let text = try context.parameter("owner")
        guard let owner = OwnerName(text) else {
            throw RucheError(.notFound, "there is no user \"\(text.prefix(80))\"")
        }
        let mayPublish = context.caller.may(.publish, on: owner)
        let shows = context.caller.maySeeReleases(of: owner)
        let records = try await environments.all(of: owner, isPublicOnly: !shows)
        guard mayPublish || shows || !records.isEmpty else {
            throw RucheError(.notFound, "there is no user \(owner)")
        }
        let view = VagrantView(request, context)
        var found: [Vagrant.Box] = []
        for record in records { found.append(try await box(record, view, context, isFull: false)) }
        return try .json(OwnerDocument(username: owner.description, boxes: found))
    }

    private struct OwnerDocument: Encodable {
        var username: String
        var avatar_url: String?
        var profile_html: String?
        var profile_markdown: String?
        var boxes: [Vagrant.Box]
    }

    private func search(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let limit = try request.integer("limit", in: 1...100) ?? 10
        let page = try request.integer("page", in: 1...100_000) ?? 1
        var query = SearchQuery(owners: context.caller.releaseOwners, limit: 100, facetValues: 0)
        query.text = request.query("q")
        query.sort = request.query("sort").flatMap { SearchSort(rawValue: $0) } ?? .downloads
        query.isReversed = request.query("order") == "asc"
        let view = VagrantView(request, context)
        var found: [Vagrant.Box] = []
        var skipped = 0
        repeat {
            let result = try await environments.search.search(query)
            for hit in result.hits {
                // Removed since: left out.
                guard let record = try? await environments.environment(hit.name) else { continue }
                let document = try await box(record, view, context, isFull: false)
                guard let current = document.current_version, matches(current, request) else { continue }
                skipped += 1
                if skipped > (page - 1) * limit { found.append(document) }
                if found.count == limit { return try .json(["boxes": found]) }
            }
            query.cursor = result.next
        } while query.cursor != nil
        return try .json(["boxes": found])
    }

    private func matches(_ version: Vagrant.Version, _ request: Request) -> Bool {
        let provider = request.query("provider")
        let architecture = request.query("architecture")
        return version.providers.contains {
            (provider == nil || $0.name == provider) && (architecture == nil || $0.architecture == architecture)
        }
    }
}
