import HTTPTypes
import Hummingbird
import NIOCore
import RucheCore
package import RucheService
import RucheWire

/// Uploads that can be interrupted and go on: TUS 1.0.0 with creation, creation-with-upload, creation-defer-length,
/// checksum, expiration, termination and concatenation.
package struct UploadRoutes: Sendable {
    static let path = "/api/v1/uploads"
    static let version = "1.0.0"
    let uploads: UploadService

    package init(_ uploads: UploadService) { self.uploads = uploads }

    package var routes: [Route] { options + collection + single }

    private var options: [Route] {
        [Self.path, Self.path + "/{id}"].map { path in
            Route(
                .options, path, access: .anyone,
                RouteDocumentation("Tells what is spoken here of TUS, in headers.", status: 204)
            ) { _, _ in
                var headers = TUSHeaders.common
                headers[.tusVersion] = Self.version
                headers[.tusExtension] = TUSHeaders.extensions.joined(separator: ",")
                headers[.tusMaxSize] = "\(uploads.limit)"
                headers[.tusChecksumAlgorithm] = UploadChecksum.Algorithm.allCases.map(\.rawValue)
                    .joined(separator: ",")
                return Response(status: .noContent, headers: headers)
            }
        }
    }

    private var collection: [Route] {
        [
            Route(
                .post, Self.path, access: .right(.run),
                RouteDocumentation(
                    "Begins an upload (TUS: creation, creation-with-upload, concatenation); `Location` is where its bytes go.",
                    status: 201)
            ) { request, context in
                try await TUSHeaders.answering(request, context) {
                    try await UploadCreation(uploads).create(request, context)
                }
            },
            Route(
                .get, Self.path, access: .right(.read),
                RouteDocumentation(
                    "Lists uploads, newest first, those that ended in the last days too.",
                    query: [
                        "limit": "At most so many, 1 to 1000.", "cursor": "The `next` of the page before.",
                    ], response: "Page<UploadDocument>")
            ) { request, context in
                let limit = try request.pageLimit()
                let cursor = try request.query("cursor").map { text in
                    guard let id = Identifier(text) else {
                        throw Request.invalidQuery("cursor", text, allowed: "the next of a page")
                    }
                    return id
                }
                let page = try await uploads.uploads(
                    before: cursor, owners: context.caller.owners(with: .read), limit: limit)
                return try .json(
                    Page(
                        items: page.map { UploadDocument($0) },
                        next: page.count == limit ? page.last.map(\.id.description) : nil))
            },
        ]
    }

    private var single: [Route] {
        [
            Route(
                .get, Self.path + "/{id}", access: .right(.read),
                RouteDocumentation(
                    "Shows an upload; `HEAD` tells its offset as TUS does.", response: "UploadDocument")
            ) { request, context in
                guard request.method == .head else { return try await show(request, context) }
                return try await TUSHeaders.answering(request, context) { try await show(request, context) }
            },
            Route(
                .patch, Self.path + "/{id}", access: .right(.run),
                RouteDocumentation(
                    "Appends bytes at `Upload-Offset` (TUS: core, checksum).", request: "bytes", status: 204)
            ) { request, context in
                try await TUSHeaders.answering(request, context) { try await append(request, context) }
            },
            Route(
                .post, Self.path + "/{id}", access: .right(.run),
                RouteDocumentation(
                    "`PATCH` or `DELETE`, as `X-HTTP-Method-Override` says.", request: "bytes", status: 204)
            ) { request, context in
                try await TUSHeaders.answering(request, context) {
                    switch request.headers[.methodOverride]?.uppercased() {
                    case "PATCH": try await append(request, context)
                    case "DELETE": try await terminate(request, context)
                    default:
                        throw RucheError(
                            .unsupported, "only PATCH and DELETE can be sent as POST, with X-HTTP-Method-Override")
                    }
                }
            },
            Route(
                .delete, Self.path + "/{id}", access: .right(.run),
                RouteDocumentation("Ends an upload and drops its bytes (TUS: termination).", status: 204)
            ) { request, context in
                try await TUSHeaders.answering(request, context) { try await terminate(request, context) }
            },
        ]
    }

    // MARK: Handlers

    /// The upload of the path, when the caller has the right to it.
    private func identifier(_ context: AppRequestContext, _ right: Right) async throws -> Identifier {
        let id = try context.identifier()
        let owner = try await uploads.owner(of: id)
        try context.caller.require(right, on: owner, else: UploadService.missing(id))
        return id
    }

    private func show(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let upload = try await uploads.upload(try await identifier(context, .read))
        var headers = TUSHeaders.of(upload)
        headers[.cacheControl] = "no-store"
        if !upload.metadata.isEmpty { headers[.uploadMetadata] = upload.metadata }
        if let concat = upload.concat { headers[.uploadConcat] = concat }
        if upload.length == nil { headers[.uploadDeferLength] = "1" }
        guard request.method == .head else { return try .json(UploadDocument(upload), headers: headers) }
        return Response(status: .ok, headers: headers)
    }

    private func append(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let id = try await identifier(context, .run)
        let headers = request.headers
        try TUSHeaders.requireBytes(request)
        guard let offset = headers[.uploadOffset].flatMap({ TUSHeaders.number($0) }) else {
            throw RucheError(.invalidInput, "Upload-Offset is missing or no number: it says where the bytes belong")
        }
        let length = try headers[.uploadLength].map { text in
            guard let length = TUSHeaders.number(text) else {
                throw RucheError(.invalidInput, "Upload-Length is no number of bytes")
            }
            return length
        }
        let upload = try await receive(
            request, id, at: offset, checksum: try headers[.uploadChecksum].map { try UploadChecksum($0) },
            length: length)
        return Response(status: .noContent, headers: TUSHeaders.of(upload))
    }

    /// Takes a body into an upload. What came of a body that breaks off is kept.
    func receive(
        _ request: Request, _ id: Identifier, at offset: Int64, checksum: UploadChecksum?, length: Int64?
    ) async throws -> Upload {
        let writer = try await uploads.begin(id, at: offset, checksum: checksum, length: length)
        do {
            for try await buffer in request.body {
                try buffer.withUnsafeReadableBytes { try writer.write($0) }
                if writer.hasNews() { await uploads.tellProgress(writer) }
            }
        } catch {
            // The bytes that came are good; the first error is the one to report.
            _ = try? await uploads.finish(writer, isWhole: false)
            throw error
        }
        return try await uploads.finish(writer, isWhole: true)
    }

    private func terminate(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try await uploads.terminate(try await identifier(context, .run))
        return Response(status: .noContent, headers: TUSHeaders.common)
    }
}
