import Hummingbird
package import RucheCore
package import RucheService
import RucheStore
import RucheWire

/// DOIs of releases: who publishes for the owner asks for one.
package struct DOIRoutes: Sendable {
    private let dois: DOIService

    package init(_ dois: DOIService) { self.dois = dois }

    package var routes: [Route] {
        let path = "/api/v1/releases/{owner}/{name}/{version}/doi"
        return [
            Route(
                .get, path, access: .environment,
                RouteDocumentation("Shows the DOI of a release.", response: "DOIDocument")
            ) { _, context in
                let reference = try context.releaseReference()
                guard let version = reference.selector.flatMap({ ReleaseVersion($0) }),
                    let row = try await dois.doi(of: reference.name, version)
                else { throw RucheError(.notFound, "\(reference) has no DOI") }
                return try .json(Self.document(row))
            },
            Route(
                .put, path, access: .right(.publish),
                RouteDocumentation(
                    "Asks for a DOI, which is registered in the background.", request: "DOIRequest",
                    response: "DOIDocument", status: 202)
            ) { request, context in
                let body = try await request.decodeJSON(DOIRequest.self, context, limit: 4096)
                guard let state = DOIService.State(rawValue: body.state), state != .registered else {
                    throw RucheError(
                        .invalidInput, "a DOI is wanted as draft or findable",
                        problems: [
                            Problem(
                                path: "state", message: "this is no state", found: String(body.state.prefix(40)),
                                allowed: "draft, findable")
                        ])
                }
                return try .json(
                    Self.document(try await dois.request(try context.releaseReference(), state)), status: .accepted)
            },
        ]
    }

    private static func document(_ row: DOIRow) -> DOIDocument {
        var document = DOIDocument(
            doi: row.doi, release: "\(row.name):\(row.version)", wanted: row.wanted, updatedAt: row.updatedAt)
        document.state = row.registered
        document.failure = row.failure
        return document
    }

    /// What DataCite is told of a record at a site with a public address.
    @Sendable package static func attributes(_ record: CatalogueRecord, _ site: RecordConfiguration) -> JSONValue {
        let view = RecordView(record: record, site: site, origin: site.publicURL ?? "http://localhost")
        var object = DataCite(view: view).json.objectValue ?? [:]
        object["doi"] = nil
        object["url"] = .string(view.page)
        return .object(object)
    }
}
