import HTTPTypes
package import Hummingbird
import Logging
import RucheCore
package import RucheService
import RucheWire

/// Answers every request of one listener: finds the route, checks who asks, calls the handler, and makes
/// a problem document of whatever is thrown.
package struct APIResponder: HTTPResponder {
    package typealias Context = AppRequestContext

    private let table: RouteTable
    private let kind: ListenerKind
    /// Whether the listener itself speaks TLS.
    private let isEncrypted: Bool
    private let authenticator: Authenticator
    private let owned: [OwnedPath]
    private let visibility: ReleaseVisibility?
    private let accounts: AccountService?

    /// Without a token no route that needs a right can be reached over the network.
    package init(
        routes: [Route], kind: ListenerKind, isEncrypted: Bool = false, token: AccessToken?,
        accounts: AccountService? = nil,
        owned: [OwnedPath] = [], grants: RegistryGrants = RegistryGrants(),
        visibility: ReleaseVisibility? = nil
    ) {
        table = RouteTable(kind.isForJobs ? routes.filter { $0.access == .jobToken } : routes)
        self.kind = kind
        self.isEncrypted = isEncrypted
        authenticator = Authenticator(token: token, accounts: accounts, grants: grants)
        self.owned = owned
        self.visibility = visibility
        self.accounts = accounts
    }

    package func respond(to request: Request, context: AppRequestContext) async throws -> Response {
        var context = context
        context.isLocal = kind.isLocal
        context.isEncrypted = isEncrypted
        if let id = request.headers[.requestID], Self.isRequestID(id) { context.requestID = id }
        let start = ContinuousClock.now
        var response: Response
        do {
            response = try await answer(request, context)
        } catch {
            let report = ErrorReport(error, requestID: context.requestID)
            if report.isUnexpected {
                context.logger.error(
                    "request failed", metadata: ["error": "\(error)", "path": "\(request.uri.path)"])
            }
            response = door(of: request).response(to: report, request, context)
        }
        response.headers[.requestID] = context.requestID
        response.headers[.contentTypeOptions] = "nosniff"
        context.logger.debug(
            "request",
            metadata: [
                "method": "\(request.method)", "path": "\(request.uri.path)", "status": "\(response.status.code)",
                "milliseconds": "\(Int((ContinuousClock.now - start).seconds * 1000))",
            ])
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func door(of request: Request) -> Door {
        if case .found(let match) = table.lookup(request.method, path: request.uri.path) { return match.route.door }
        return Door(path: request.uri.path)
    }

    private func answer(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        if case .network(let policy) = kind { try policy.check(request.head) }
        switch table.lookup(request.method, path: request.uri.path) {
        case .found(let match):
            return try await answer(request, context, match)
        case .wrongMethod(let allowed):
            return wrongMethod(request, allowed: allowed.map(\.rawValue).joined(separator: ", "), context)
        case .unknown:
            throw RucheError(
                .notFound, "there is no \"\(request.uri.path.prefix(200))\" here: see /api/v1/openapi.json")
        }
    }

    private func answer(
        _ request: Request, _ context: AppRequestContext, _ match: RouteTable.Match
    ) async throws -> Response {
        var context = context
        do {
            if needsCaller(match.route, request, context) {
                let identity = try await authenticator.identify(request, context, match.route.door)
                (context.caller, context.credential) = (identity.caller, identity.credential)
                context.grant = identity.grant
            }
            let acting = Acting(
                actor: context.caller == .anonymous ? nil : context.caller.actor,
                owner: context.caller == .anonymous ? nil : context.caller.owner)
            for (name, value) in match.parameters {
                context.coreContext.parameters.append(key: name[...], value: value[...])
            }
            if let credential = context.credential, let accounts {
                context.standing = StreamStanding(accounts, credential, user: context.caller.user) { caller in
                    try await authorize(match, caller)
                }
            }
            let known = context
            return try await Acting.$current.withValue(acting) {
                try await authorize(match, known.caller)
                return try await match.route.handler(request, known)
            }
        } catch let error as RucheError {
            await note(error, match.route, request, context)
            throw error
        }
    }

    /// Writes a refusal down, also one that was answered as if there were nothing.
    private func note(
        _ error: RucheError, _ route: Route, _ request: Request, _ context: AppRequestContext
    ) async {
        guard let audit = accounts?.audit, route.access != .anyone else { return }
        // Clients of a registry ask without saying who they are, to be told where to.
        guard route.door != .registry || authenticator.hasCredentials(request, context, route.door) else { return }
        let reasons = [error, error.cause as? RucheError].compactMap(\.self)
        guard let reason = reasons.first(where: { [.unauthorized, .forbidden].contains($0.code) }) else { return }
        var denied = DeniedAccess(
            method: route.method.rawValue, route: route.path, code: reason.code, actor: context.caller.actor,
            address: context.clientAddress(request))
        denied.right = reason.details["right"] ?? route.access.right?.rawValue
        denied.owner = reason.details["owner"]
        do {
            try await audit.record(denied)
        } catch {
            // The answer is a refusal either way.
            context.logger.warning("can't write down a refusal", metadata: ["error": "\(error)"])
        }
    }

    /// Where anybody may ask, who says who they are must still say it rightly.
    private func needsCaller(_ route: Route, _ request: Request, _ context: AppRequestContext) -> Bool {
        switch route.access {
        case .anyone, .jobToken: false
        case .visitor, .environment: authenticator.hasCredentials(request, context, route.door)
        case .caller, .right, .site: true
        }
    }

    /// Throws `forbidden` without the right that the route needs, and `not_found` for things of owners that the
    /// caller may know nothing of.
    private func authorize(_ match: RouteTable.Match, _ caller: Caller) async throws {
        switch match.route.access {
        case .anyone, .visitor, .caller, .jobToken: return
        case .environment: try await authorizeEnvironment(match, caller)
        case .site(let right):
            guard caller.mayOnSite(right) else {
                throw RucheError(
                    .forbidden, "this needs the right to \(right.rawValue) on the whole site: ask its administrator",
                    details: ["right": right.rawValue])
            }
        case .right(let right):
            guard caller.has(right) else {
                throw RucheError(
                    .forbidden, "this needs the right to \(right.rawValue), which you have with no owner",
                    details: ["right": right.rawValue])
            }
            try await authorize(right, match, caller)
        }
    }

    /// What the caller may not see answers like what does not exist.
    private func authorizeEnvironment(_ match: RouteTable.Match, _ caller: Caller) async throws {
        func part(_ name: String) -> String { match.parameters.first { $0.name == name }?.value ?? "" }
        // What is no name names nothing: the handler says so.
        guard let name = EnvironmentName("\(part("owner"))/\(part("name"))") else { return }
        // Without a catalogue there are no public ones.
        let isSeen = try await visibility?.allows(caller, toSee: name) ?? caller.maySeeReleases(of: name.ownerName)
        if isSeen { return }
        guard caller != .anonymous || match.route.door != .registry else {
            throw RucheError(.unauthorized, "\(name) is not for everybody: log in first")
        }
        throw RucheError(
            .notFound, "\(name) is not in the catalogue", cause: Caller.forbidden(.read, on: name.ownerName))
    }

    /// Checks the owner that the path names, or that the thing has which it names.
    private func authorize(_ right: Right, _ match: RouteTable.Match, _ caller: Caller) async throws {
        guard !caller.mayOnSite(right) else { return }
        if let text = match.parameters.first(where: { $0.name == "owner" })?.value, let owner = OwnerName(text) {
            let isShown = right == .read && caller.maySeeReleases(of: owner)
            if !isShown {
                try caller.require(right, on: owner, else: RucheError(.notFound, "you have nothing of \(owner) here"))
            }
        }
        guard let path = owned.first(where: { $0.covers(match.route) }), let id = match.parameters.first else { return }
        try await path.check(right, id.value, caller)
    }

    private func wrongMethod(_ request: Request, allowed: String, _ context: AppRequestContext) -> Response {
        if request.method == .options { return Response(status: .noContent, headers: [.allow: allowed]) }
        let error = RucheError(
            .unsupported, "\(request.method) is not possible here: use \(allowed)", details: ["allowed": allowed])
        var report = ErrorReport(error, requestID: context.requestID)
        report.document.status = HTTPResponse.Status.methodNotAllowed.code
        report.headers[.allow] = allowed
        return door(of: request).response(to: report, request, context)
    }

    /// Ids of clients are kept when they are short and plain, so that a log line can't be forged.
    private static func isRequestID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                let character = Character(UnicodeScalar(byte))
                return byte < 128 && (character.isLetter || character.isNumber || "._-".contains(character))
            }
    }
}
