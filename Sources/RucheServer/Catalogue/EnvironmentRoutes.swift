import HTTPTypes
import Hummingbird
import RucheCore
import RucheImages
package import RucheService
import RucheWire

/// Environments: what people say of them, and who may see them.
package struct EnvironmentRoutes: Sendable {
    private static let bodyLimit = 256 << 10
    private let environments: EnvironmentService

    package init(_ environments: EnvironmentService) { self.environments = environments }

    package var routes: [Route] {
        let environment = "/api/v1/environments/{owner}/{name}"
        return [
            Route(
                .get, "/api/v1/environments", access: .visitor,
                RouteDocumentation(
                    "Lists environments by name.",
                    query: ["cursor": "`next` of the page before.", "limit": "Entries of a page, 1 to 1000."],
                    response: "Page<EnvironmentDocument>"), handler: list),
            Route(
                .post, "/api/v1/environments", access: .right(.publish),
                RouteDocumentation(
                    "Makes an environment, before it has any release.", request: "EnvironmentRequest",
                    response: "EnvironmentDocument", status: 201), handler: create),
            Route(
                .get, environment, access: .environment,
                RouteDocumentation("Shows an environment.", response: "EnvironmentDocument")
            ) { _, context in
                try .json(try await document(try await environments.environment(try context.environmentName())))
            },
            Route(
                .patch, environment, access: .right(.publish),
                RouteDocumentation(
                    "Changes what is said of an environment, and who may see it.", request: "EnvironmentRequest",
                    response: "EnvironmentDocument"), handler: update),
            Route(
                .get, environment + "/drafts", access: .right(.publish),
                RouteDocumentation("Lists versions that are not released yet.", response: "[DraftDocument]")
            ) { _, context in
                try .json(try await environments.drafts(try context.environmentName()).map { DraftDocument($0) })
            },
            Route(
                .post, environment + "/drafts/{version}/release", access: .right(.publish),
                RouteDocumentation(
                    "Makes a draft a release, which never changes again.", response: "ReleaseDocument", status: 201),
                handler: release),
            Route(
                .delete, environment, access: .right(.publish),
                RouteDocumentation("Removes an environment that has no releases.", status: 204)
            ) { _, context in
                try await environments.remove(try context.environmentName())
                return .noContent
            },
        ]
    }

    private func list(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let page = try await environments.list(
            after: request.query("cursor"), owners: context.caller.releaseOwners, limit: try request.pageLimit())
        var items: [EnvironmentDocument] = []
        for record in page.records { items.append(try await document(record)) }
        return try .json(Page(items: items, next: page.next))
    }

    private func create(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let body = try await request.decodeJSON(EnvironmentRequest.self, context, limit: Self.bodyLimit)
        guard let name = body.name else {
            throw RucheError(
                .invalidInput, "an environment needs a name",
                problems: [Problem(path: "name", message: "this member is missing", allowed: "owner/name")])
        }
        try context.caller.require(.publish, on: name.ownerName)
        var profile = EnvironmentProfile()
        body.apply(to: &profile)
        let document = try await document(try await environments.create(name, profile))
        return try .json(
            document, status: .created, headers: [.location: "/api/v1/environments/\(name)"])
    }

    private func release(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let text = try context.parameter("version")
        let name = try context.environmentName()
        guard let version = ReleaseVersion(text) else {
            throw RucheError(.invalidReference, "\"\(text.prefix(100))\" is no version")
        }
        _ = try await environments.release(name, version)
        let details = try await environments.catalogue.show(ReleaseReference(name: name, selector: "\(version)"))
        return try .json(
            ReleaseDocument(details), status: .created, headers: [.location: "/api/v1/releases/\(name)/\(version)"])
    }

    private func update(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try context.environmentName()
        let body = try await request.decodeJSON(EnvironmentRequest.self, context, limit: Self.bodyLimit)
        guard body.name == nil || body.name == name else {
            throw RucheError(.unsupported, "an environment keeps its name")
        }
        return try .json(try await document(try await environments.update(name) { body.apply(to: &$0) }))
    }

    private func document(_ record: EnvironmentRecord) async throws -> EnvironmentDocument {
        var document = EnvironmentDocument(
            name: record.name, profile: record.profile, downloads: try await environments.downloads(of: record.name),
            createdAt: record.createdAt, updatedAt: record.updatedAt)
        document.mirrorOf = record.mirrorOf
        return document
    }
}
