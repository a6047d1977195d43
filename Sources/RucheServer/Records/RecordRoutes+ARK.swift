import HTTPTypes
import Hummingbird
import NIOCore
import RucheCore
import RucheImages
import RucheService
import RucheWire

/// The resolver: `/ark:/NAAN/NAME`, also without the first slash, leads to a page; `?info` tells about it (ARK
/// specification, "inflections").
extension RecordRoutes {
    var arkRoutes: [Route] {
        [
            route("/ark:/{naan}/{name}", .visitor, "Leads to what an ARK names.", resolve),
            route("/ark:{naan}/{name}", .visitor, "Leads to what an ARK names.", resolve),
            Route(
                .get, "/api/v1/identifiers/{naan}/{name}", access: .visitor,
                RouteDocumentation("Tells what an ARK names.", response: "IdentifierDocument")
            ) { request, context in
                let (name, version) = try await named(context)
                return try .json(IdentifierDocument(ark: try ark(context).description, name: name, version: version))
            },
        ]
    }

    private func ark(_ context: AppRequestContext) throws -> ARK {
        do {
            return try ARK(parsing: "ark:/\(try context.parameter("naan"))/\(try context.parameter("name"))")
        } catch let error as RucheError {
            // What is no identifier names nothing.
            throw RucheError(.notFound, error.message, cause: error)
        }
    }

    /// What the caller may not see answers like what does not exist. Throws `gone` for what was removed.
    private func named(_ context: AppRequestContext) async throws -> (EnvironmentName, ReleaseVersion?) {
        let ark = try ark(context)
        let (name, version): (EnvironmentName, ReleaseVersion?)
        do {
            (name, version) = try await records.resolve(ark)
        } catch let error as RucheError where error.code == .notFound {
            throw try await records.removal(ark, for: context.caller) ?? error
        }
        if context.caller.maySeeReleases(of: name.ownerName) { return (name, version) }
        guard try await records.environments.isPublic(name) else {
            throw RucheError(
                .notFound, RecordService.unknown(ark).message, cause: Caller.forbidden(.read, on: name.ownerName))
        }
        return (name, version)
    }

    private func resolve(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let (name, version) = try await named(context)
        let path = version.map { "/\(name)/\($0)" } ?? "/\(name)"
        guard let query = request.uri.query, ["", "?", "info"].contains(query) else {
            return Response(
                status: .found,
                headers: [
                    .location: (records.configuration.publicURL ?? request.origin(context)) + path,
                    .vary: "Authorization, Cookie", .cacheControl: "private, no-cache",
                ])
        }
        let record =
            if let version {
                try await records.record(of: ReleaseReference(name: name, selector: version.description))
            } else {
                try await records.record(of: name)
            }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "private, no-cache"],
            body: .init(byteBuffer: ByteBuffer(string: Self.description(view(record, request, context)))))
    }

    /// An Electronic Resource Citation: who, what, when, where, and how long it stays.
    private static func description(_ view: RecordView) -> String {
        func line(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }
        let stays =
            view.record.revocation.map { "revoked: \($0.reason)" }
            ?? "a release never changes under its identifier; withdrawn ones keep their record"
        return """
            erc:
            who: \(line(view.creators.map(\.name).joined(separator: "; ")))
            what: \(line(view.title)) (:\(view.record.version == nil ? "environment" : "release")) \(line(view.summary))
            when: \(view.date)
            where: \(view.record.ark)
            how: \(view.page)
            erc-support:
            who: \(line(view.site.publisher))
            what: \(line(stays))
            when: \(view.date)
            where: \(view.resolver(view.record.ark))

            """
    }
}
