import HTTPTypes
import Hummingbird
import RucheCore
import RucheImages
import RucheService

/// Blobs on their way in: whole, in chunks, or as one stream.
extension RegistryRoutes {
    var uploadRoutes: [Route] {
        let uploads = Self.repository + "/blobs/uploads"
        let starting = [uploads, uploads + "/"].map { path in
            Route(
                .post, path, access: .caller, door: .registry, RouteDocumentation("Starts the upload of a blob."),
                handler: start)
        }
        return starting + [
            Route(
                .get, uploads + "/{id}", access: .caller, door: .registry,
                RouteDocumentation("Tells how much of an upload is here.")
            ) { _, context in
                let name = try writable(context)
                let size = try await unknownUpload { try registry.uploads.size(try context.identifier(), of: name) }
                return try response(.noContent, context, name, try context.identifier(), size)
            },
            Route(
                .patch, uploads + "/{id}", access: .caller, door: .registry,
                RouteDocumentation("Appends to an upload.")
            ) { request, context in
                let name = try writable(context)
                let id = try context.identifier()
                let size = try await unknownUpload { try await append(request, id, name) }
                return try response(.accepted, context, name, id, size)
            },
            Route(
                .put, uploads + "/{id}", access: .caller, door: .registry,
                RouteDocumentation("Ends an upload."), handler: end),
            Route(
                .delete, uploads + "/{id}", access: .caller, door: .registry, RouteDocumentation("Drops an upload.")
            ) { _, context in
                let name = try writable(context)
                try await unknownUpload { try registry.uploads.cancel(try context.identifier(), of: name) }
                return .noContent
            },
        ]
    }

    private func start(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try writable(context)
        if let text = request.query("mount") {
            let digest = try Self.digest(text)
            // Without the right to the other repository, or its name, it is an upload like any other.
            if let from = request.query("from").flatMap({ EnvironmentName($0) }), try await mayPull(from, context),
                try await registry.mount(digest, from: from, to: name)
            {
                return created(digest, name)
            }
        }
        let expected = try request.query("digest").map { try Self.digest($0) }
        let id = try registry.uploads.begin(for: name)
        guard let expected else { return try response(.accepted, context, name, id, 0) }
        do {
            try await append(request, id, name)
        } catch {
            try? registry.uploads.cancel(id, of: name)  // the first error is the one to report
            throw error
        }
        return try await finish(id, name, expected)
    }

    private func end(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try writable(context)
        let id = try context.identifier()
        let expected = try Self.digest(request.query("digest") ?? "")
        _ = try await unknownUpload { try await append(request, id, name) }
        return try await finish(id, name, expected)
    }

    private func finish(_ id: Identifier, _ name: EnvironmentName, _ expected: Digest) async throws -> Response {
        try await unknownUpload { () async throws -> Void in
            try await registryErrors([.checksumMismatch: "DIGEST_INVALID"]) {
                try await registry.finish(id, of: name, expected: expected)
            }
        }
        return created(expected, name)
    }

    /// Appends the body where `Content-Range` says, or at the end without one; the bytes there are then.
    @discardableResult
    private func append(_ request: Request, _ id: Identifier, _ name: EnvironmentName) async throws -> Int64 {
        var range: ClosedRange<Int64>?
        if let header = request.headers[.contentRange] {
            guard let match = header.wholeMatch(of: /(?:bytes[ =])?([0-9]{1,18})-([0-9]{1,18})(?:\/.*)?/),
                let first = Int64(match.output.1), let last = Int64(match.output.2), first <= last
            else {
                throw RucheError(.invalidInput, "Content-Range is FIRST-LAST").registry("BLOB_UPLOAD_INVALID")
            }
            range = first...last
        }
        if let range, let length = request.headers[.contentLength].flatMap({ Int64($0) }), length != Int64(range.count)
        {
            throw RucheError(
                .invalidInput, "Content-Range has \(range.count) bytes, and Content-Length says \(length)"
            ).registry("SIZE_INVALID")
        }
        return try await registry.append(to: id, of: name, at: range?.lowerBound) { send in
            for try await buffer in request.body { try buffer.withUnsafeReadableBytes { try send($0) } }
        }
    }

    private func mayPull(_ name: EnvironmentName, _ context: AppRequestContext) async throws -> Bool {
        if let grant = context.grant, !grant.allows("pull", on: name) { return false }
        return try await registry.catalogue.visibility.allows(context.caller, toSee: name)
    }

    nonisolated(nonsending)
        private func unknownUpload<Result>(_ body: () async throws -> Result) async throws -> Result
    {
        try await registryErrors([.notFound: "BLOB_UPLOAD_UNKNOWN", .invalidState: "BLOB_UPLOAD_INVALID"], body)
    }

    private func created(_ digest: Digest, _ name: EnvironmentName) -> Response {
        Response(
            status: .created,
            headers: [
                .location: "/v2/\(name)/blobs/\(digest)", .dockerContentDigest: digest.description,
                .contentLength: "0",
            ])
    }

    private func response(
        _ status: HTTPResponse.Status, _ context: AppRequestContext, _ name: EnvironmentName, _ id: Identifier,
        _ size: Int64
    ) throws -> Response {
        var headers: HTTPFields = [
            .location: "/v2/\(name)/blobs/uploads/\(id)", .dockerUploadID: id.description,
            .range: "0-\(max(0, size - 1))",
        ]
        if status == .accepted { headers[.contentLength] = "0" }
        return Response(status: status, headers: headers)
    }
}
