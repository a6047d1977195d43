import HTTPTypes
package import Hummingbird
import NIOCore
import RucheCore
import RucheImages
package import RucheService

/// Pages of environments and releases, documents about them, and where their identifiers lead.
package struct RecordRoutes: Sendable {
    let records: RecordService

    package init(_ records: RecordService) { self.records = records }

    package var routes: [Route] {
        [
            route("/{owner}/{name}/{version}", .environment, "Shows a release, in the form that is asked for.") {
                request, context in
                try await negotiated(request, context, try await release(request, context))
            },
            route("/{owner}/{name}/metadata/{format}", .environment, "Sends a document about an environment.") {
                request, context in
                try await document(try format(context), try await environment(request, context))
            },
            route("/{owner}/{name}/{version}/metadata/{format}", .environment, "Sends a document about a release.") {
                request, context in
                try await document(try format(context), try await release(request, context))
            },
        ] + arkRoutes
    }

    func route(
        _ path: String, _ access: Route.Access, _ summary: String,
        _ handler: @escaping @Sendable (Request, AppRequestContext) async throws -> Response
    ) -> Route {
        Route(.get, path, access: access, door: .page, RouteDocumentation(summary), handler: handler)
    }

    /// The page of an environment, in the form that is asked for; nil where that is the metadata of a box, which has
    /// the same address.
    package func page(_ request: Request, _ context: AppRequestContext) async throws -> Response? {
        let accepted = AcceptedTypes(request.headers[.accept])
        let box = accepted.quality(of: "application/json")
        let best = RecordFormat.allCases.flatMap(\.types).map { accepted.quality(of: $0) }.max() ?? 0
        guard box == 0 || best > box || (best == box && !accepted.names("application/json")) else { return nil }
        return try await negotiated(request, context, try await environment(request, context))
    }

    // MARK: Views

    func view(_ record: CatalogueRecord, _ request: Request, _ context: AppRequestContext) -> RecordView {
        RecordView(
            record: record, site: records.configuration,
            origin: records.configuration.publicURL ?? request.origin(context))
    }

    private func environment(_ request: Request, _ context: AppRequestContext) async throws -> RecordView {
        view(try await records.record(of: try context.environmentName()), request, context)
    }

    private func release(_ request: Request, _ context: AppRequestContext) async throws -> RecordView {
        let reference = try context.releaseReference()
        do {
            return view(try await records.record(of: reference), request, context)
        } catch let error as RucheError where error.code == .notFound {
            throw try await records.removal(reference, for: context.caller) ?? error
        }
    }

    private func format(_ context: AppRequestContext) throws -> RecordFormat {
        let text = try context.parameter("format")
        guard let format = RecordFormat(rawValue: text) else {
            let known = RecordFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw RucheError(.notFound, "there is no document \"\(text.prefix(60))\": use one of \(known)")
        }
        return format
    }

    // MARK: Answers

    private func negotiated(
        _ request: Request, _ context: AppRequestContext, _ view: RecordView
    ) async throws -> Response {
        let accepted = AcceptedTypes(request.headers[.accept])
        guard let format = accepted.best(RecordFormat.allCases, \.types) else { return Self.notAcceptable(view) }
        var response = try await document(format, view)
        response.headers[.vary] = "Accept, Authorization, Cookie"
        // Whatever the form, these are the links of this address.
        response.headers[.link] = Signposting(view: view).pageHeader
        if format != .page { response.headers[.contentLocation] = view.address(of: format) }
        return response
    }

    private static func notAcceptable(_ view: RecordView) -> Response {
        let lines = RecordFormat.allCases.map { "\($0.types[0])\t\(view.address(of: $0))" }
        return Response(
            status: .notAcceptable,
            headers: [.contentType: "text/plain; charset=utf-8", .vary: "Accept", .cacheControl: "no-store"],
            body: .init(
                byteBuffer: ByteBuffer(
                    string: "None of what you take is told here. What is:\n\(lines.joined(separator: "\n"))\n")))
    }

    private func document(_ format: RecordFormat, _ view: RecordView) async throws -> Response {
        let links = Signposting(view: view)
        let headers: HTTPFields = [
            .contentType: format.contentType, .cacheControl: "private, no-cache",
            .link: format == .page ? links.pageHeader : links.metadataHeader,
        ]
        func text(_ text: String) -> Response {
            Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
        }
        switch format {
        case .page:
            let evidence = try await records.evidence(of: view.record)
            return LandingPage(view: view, evidence: evidence).page.response(headers: headers)
        case .schema: return try .json(SchemaDocument(view: view).json, headers: headers)
        case .dataciteJSON: return try .json(DataCite(view: view).json, headers: headers)
        case .dataciteXML: return text(DataCite(view: view).xml)
        case .crate: return try .json(CrateDocument(view: view).json, headers: headers)
        case .codemeta: return try .json(CodemetaDocument(view: view).json, headers: headers)
        case .csl: return try .json(Citation(view: view).csl, headers: headers)
        case .bibtex: return text(Citation(view: view).bibtex)
        case .text: return text(Citation(view: view).text + "\n")
        case .linkset: return try .json(links.document, headers: headers)
        }
    }
}
