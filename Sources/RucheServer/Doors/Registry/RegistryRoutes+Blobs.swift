import HTTPTypes
import Hummingbird
import RucheCore
import RucheImages
import RucheService

extension RegistryRoutes {
    var blobRoutes: [Route] {
        let blob = Self.repository + "/blobs/{digest}"
        return [
            Route(
                .get, blob, access: .environment, door: .registry, RouteDocumentation("Sends a blob."), handler: send),
            Route(
                .delete, blob, access: .caller, door: .registry, RouteDocumentation("Takes a blob from a repository.")
            ) { _, context in
                let name = try writable(context, "delete")
                let digest = try Self.digest(try context.parameter("digest"))
                try await registryErrors([.notFound: "BLOB_UNKNOWN"]) {
                    try await registry.delete(blob: digest, of: name)
                }
                return Response(status: .accepted)
            },
        ]
    }

    private func send(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try repository(context)
        let digest = try Self.digest(try context.parameter("digest"))
        let size = try await registryErrors([.notFound: "BLOB_UNKNOWN"]) {
            try await registry.size(ofBlob: digest, of: name)
        }
        var response = try await Response.bytes(
            ServedBytes(digest, size: size, of: registry.content), for: request, over: context.channel)
        response.headers[.dockerContentDigest] = digest.description
        response.headers[.link] = Signposting.collection(name)
        return response
    }
}
