import Hummingbird
import RucheCore
import RucheHost
package import RucheService
import RucheWire

/// Releases: list, show, tag, remove, and what they are made of.
package struct ReleaseRoutes: Sendable {
    private let catalogue: CatalogueService

    package init(_ catalogue: CatalogueService) { self.catalogue = catalogue }

    package var routes: [Route] { reading + changing }

    private var reading: [Route] {
        let release = "/api/v1/releases/{owner}/{name}/{version}"
        return [
            Route(
                .get, "/api/v1/releases", access: .visitor,
                RouteDocumentation(
                    "Lists releases by name, newest first.",
                    query: [
                        "cursor": "`next` of the page before.", "limit": "Entries of a page, 1 to 1000.",
                        "name": "Only this environment, `owner/name`.", "q": "Text in names and summaries.",
                    ], response: "Page<ReleaseSummaryDocument>"), handler: list),
            Route(
                .get, "/api/v1/releases/{owner}/{name}", access: .environment,
                RouteDocumentation("Shows the newest release of an environment.", response: "ReleaseDocument")
            ) { _, context in try await show(ReleaseReference(name: try context.environmentName())) },
            Route(
                .get, release, access: .environment,
                RouteDocumentation(
                    "Shows a release. The version may be a tag, `latest`, or a digest.", response: "ReleaseDocument")
            ) { _, context in try await show(try context.releaseReference()) },
            Route(
                .get, release + "/history", access: .environment,
                RouteDocumentation(
                    "Lists the layers of an image, lowest first.",
                    query: ["architecture": "Such as `amd64`; the first image by default."],
                    response: "[HistoryDocument]"), handler: history),
            Route(
                .get, release + "/files", access: .environment,
                RouteDocumentation("Lists the files of every variant.", response: "[ReleaseFileDocument]")
            ) { _, context in
                try .json(try await catalogue.files(of: try context.releaseReference()).map { ReleaseFileDocument($0) })
            },
            Route(
                .get, release + "/software", access: .environment,
                RouteDocumentation(
                    "Lists the packages in a release, from its bill of materials.", response: "[SoftwarePackage]")
            ) { _, context in try .json(try await catalogue.software(of: try context.releaseReference())) },
            Route(
                .get, "/api/v1/diff", access: .visitor,
                RouteDocumentation(
                    "Compares two releases: packages, files, sizes.",
                    query: ["from": "A release, required.", "to": "Another one, required."], response: "DiffDocument"),
                handler: diff),
        ]
    }

    private var changing: [Route] {
        [
            Route(
                .delete, "/api/v1/releases/{owner}/{name}/{version}", access: .right(.publish),
                RouteDocumentation("Removes a release. Its blobs go with the next garbage collection.", status: 204)
            ) { _, context in
                try await catalogue.remove(try context.releaseReference())
                return .noContent
            },
            Route(
                .post, "/api/v1/releases/{owner}/{name}/{version}/revoke", access: .right(.publish),
                RouteDocumentation(
                    "Withdraws a release: its record and the reason stay, its bytes are given to nobody.",
                    request: "RevocationRequest", status: 204)
            ) { request, context in
                let body = try await request.decodeJSON(RevocationRequest.self, context, limit: 8192)
                try await catalogue.revoke(try context.releaseReference(), reason: body.reason)
                return .noContent
            },
            Route(
                .post, "/api/v1/releases/{owner}/{name}/{version}/check", access: .right(.publish),
                RouteDocumentation(
                    "Looks into the machine of a release: what stands against its running on a target, and secrets, caches "
                        + "and identities that are left in it. The operation's result has `problems` and `notes`.",
                    query: [
                        "target": "One of \(Self.targets); required.",
                        "flavour_disk": "The disk that the target gives it, such as `20G`.",
                    ], response: "OperationDocument", status: 202), handler: check),
            Route(
                .put, "/api/v1/releases/{owner}/{name}/tags/{tag}", access: .right(.publish),
                RouteDocumentation("Names a version by a tag.", request: "TagDocument", status: 204)
            ) { request, context in
                let body = try await request.decodeJSON(TagDocument.self, context, limit: 4096)
                try await catalogue.setTag(
                    try context.parameter("tag"), of: try context.environmentName(), to: body.version)
                return .noContent
            },
            Route(
                .delete, "/api/v1/releases/{owner}/{name}/tags/{tag}", access: .right(.publish),
                RouteDocumentation("Removes a tag.", status: 204)
            ) { _, context in
                try await catalogue.removeTag(try context.parameter("tag"), of: try context.environmentName())
                return .noContent
            },
        ]
    }

    private func list(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try request.query("name").map { text in
            guard let name = EnvironmentName(text) else {
                throw Request.invalidQuery("name", text, allowed: "owner/name in lower case")
            }
            return name
        }
        let page = try await catalogue.list(
            cursor: request.query("cursor"), name: name, text: request.query("q"), owners: context.caller.releaseOwners,
            limit: try request.pageLimit())
        return try .json(Page(items: page.entries.map { ReleaseSummaryDocument($0) }, next: page.next))
    }

    private func show(_ reference: ReleaseReference) async throws -> Response {
        try .json(ReleaseDocument(try await catalogue.show(reference)))
    }

    private static let targets = MachineTarget.allCases.map(\.rawValue).joined(separator: ", ")

    private func check(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let text = try request.requiredQuery("target")
        guard let target = MachineTarget(rawValue: text) else {
            throw Request.invalidQuery("target", text, allowed: "one of \(Self.targets)")
        }
        let flavour = try request.query("flavour_disk").map { text in
            guard let size = ByteCount(parsing: text) else {
                throw Request.invalidQuery("flavour_disk", text, allowed: "a size such as 20G")
            }
            return size
        }
        return try .accepted(
            try await catalogue.startCheck(of: try context.releaseReference(), target: target, flavour: flavour))
    }

    private func history(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let layers = try await catalogue.history(
            try context.releaseReference(), architecture: request.query("architecture"))
        return try .json(layers.map { HistoryDocument($0) })
    }

    private func diff(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let from = try ReleaseReference(parsing: try request.requiredQuery("from"))
        let to = try ReleaseReference(parsing: try request.requiredQuery("to"))
        try await catalogue.visibility.require(from, for: context.caller)
        try await catalogue.visibility.require(to, for: context.caller)
        return try .json(DiffDocument(try await catalogue.difference(from: from, to: to)))
    }
}
