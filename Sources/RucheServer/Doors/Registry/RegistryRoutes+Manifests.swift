import HTTPTypes
import Hummingbird
import RucheCore
import RucheImages
import RucheService

extension RegistryRoutes {
    var manifestRoutes: [Route] {
        let manifest = Self.repository + "/manifests/{reference}"
        return [
            Route(
                .get, manifest, access: .environment, door: .registry,
                RouteDocumentation("Sends a manifest."), handler: pull),
            Route(
                .put, manifest, access: .caller, door: .registry, RouteDocumentation("Keeps a manifest."),
                handler: push),
            Route(
                .delete, manifest, access: .caller, door: .registry,
                RouteDocumentation("Removes a tag, or a manifest with its tags.")
            ) { _, context in
                let name = try writable(context, "delete")
                try await registryErrors([.notFound: "MANIFEST_UNKNOWN"]) {
                    try await registry.delete(try context.parameter("reference"), of: name)
                }
                return Response(status: .accepted)
            },
            Route(
                .get, Self.repository + "/tags/list", access: .environment, door: .registry,
                RouteDocumentation("Lists tags."), handler: tags),
            Route(
                .get, Self.repository + "/referrers/{digest}", access: .environment, door: .registry,
                RouteDocumentation("Lists manifests about another."), handler: referrers),
        ]
    }

    private func pull(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try repository(context)
        let reference = try context.parameter("reference")
        let manifest = try await registryErrors([.notFound: "MANIFEST_UNKNOWN", .gone: "MANIFEST_UNKNOWN"]) {
            try await registry.manifest(reference, of: name)
        }
        let served = ServedBytes(
            manifest.digest, size: manifest.size, of: registry.content, mediaType: manifest.mediaType)
        var response = try await Response.bytes(served, for: request)
        response.headers[.dockerContentDigest] = manifest.digest.description
        response.headers[.link] = Signposting.collection(name)
        return response
    }

    private func push(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try writable(context)
        let reference = try context.parameter("reference")
        let type = request.headers[.contentType]?.split(separator: ";").first.map { String($0.filter { $0 != " " }) }
        let pushed = try await registryErrors([
            .invalidInput: "MANIFEST_INVALID", .notFound: "MANIFEST_BLOB_UNKNOWN", .checksumMismatch: "DIGEST_INVALID",
        ]) {
            let body = try await request.bytes(limit: RegistryService.manifestLimit)
            return try await registry.push(
                Array(body.readableBytesView), mediaType: type ?? MediaType.imageManifest, to: name, as: reference)
        }
        let digest = pushed.descriptor.digest
        var headers: HTTPFields = [
            .location: "/v2/\(name)/manifests/\(digest)", .dockerContentDigest: digest.description,
        ]
        headers[.ociSubject] = pushed.subject?.description
        return Response(status: .created, headers: headers)
    }

    private func tags(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try repository(context)
        guard try await registry.exists(name) else { throw RucheError(.notFound, "\(name) is not in the catalogue") }
        let limit = try request.integer("n", in: 0...10_000)
        let page = try await registry.tags(of: name, after: request.query("last"), limit: limit)
        var headers = HTTPFields()
        if page.isCut, let limit, limit > 0, let last = page.tags.last {
            headers[.link] = "</v2/\(name)/tags/list?n=\(limit)&last=\(PercentEncoding.encode(last))>; rel=\"next\""
        }
        return try .json(TagList(name: name.description, tags: page.tags), headers: headers)
    }

    private struct TagList: Encodable {
        var name: String
        var tags: [String]
    }

    private func referrers(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try repository(context)
        let digest = try Self.digest(try context.parameter("digest"))
        var index = ImageIndex(manifests: try await registry.referrers(of: digest, in: name))
        var headers: HTTPFields = [.contentType: MediaType.imageIndex]
        if let type = request.query("artifactType") {
            index.manifests.removeAll { $0.artifactType != type }
            headers[.ociFiltersApplied] = "artifactType"
        }
        return try .json(index, headers: headers)
    }

    /// Throws `invalid_input` as registries do for what is no digest that is kept here.
    static func digest(_ text: String) throws -> Digest {
        guard let digest = Digest(text) else {
            throw RucheError(
                .invalidInput, "\"\(text.prefix(160))\" is no digest of this registry: sha256: and 64 hex digits"
            ).registry("DIGEST_INVALID")
        }
        return digest
    }
}
