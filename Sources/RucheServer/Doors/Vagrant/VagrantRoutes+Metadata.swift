import HTTPTypes
import Hummingbird
import RucheCore
import RucheImages
import RucheService
import RucheWire

/// What `vagrant box add` and `box update` read.
extension VagrantRoutes {
    var metadataRoutes: [Route] {
        [
            route(.get, "/{owner}/{name}", .environment, "Sends the metadata of a box.", metadata),
            route(
                .get, "\(VagrantView.bases[0])/{owner}/{name}", .environment, "Sends the metadata of a box.", metadata),
            route(
                .get, "/{owner}/boxes/{name}/versions/{version}/providers/{provider}/{architecture}/vagrant.box",
                .environment, "Sends a box file.", download),
        ]
    }

    private func metadata(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        // Also every other path of two parts that nothing is at.
        guard let name = EnvironmentName(request.uri.path.trimmingPrefix(VagrantView.bases[0]).dropFirst()) else {
            throw RucheError(.notFound, "there is no \"\(request.uri.path.prefix(200))\" here")
        }
        if let page = try await records?.page(request, context) { return page }
        let record = try await environments.environment(name)
        let versions = try await boxes.versions(of: record.name, drafts: false)
        return try .json(
            VagrantView(request, context).metadata(record, versions),
            headers: [.vary: "Accept, Authorization", .cacheControl: "private, no-cache"])
    }

    private func download(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try context.environmentName()
        let version = try self.version(context)
        let box = try await boxes.box(
            of: name, version, provider: try context.parameter("provider"), architecture: architecture(context))
        guard let digest = box.blob, let size = box.size else {
            guard let url = box.url else { throw RucheError(.notFound, "\(name):\(version) has no file") }
            return Response(status: .found, headers: [.location: url])
        }
        let served = ServedBytes(
            digest, size: size, of: boxes.content,
            fileName: "\(name.owner)-\(name.name)-\(version)-\(box.fileName)")
        if request.method == .get, request.headers[.range] == nil {
            await environments.count(name, version, variant: "vagrant/\(box.provider)/\(box.architecture)")
        }
        var response = try await Response.bytes(served, for: request, over: context.channel)
        response.headers[.link] = Signposting.collection(name, version)
        return response
    }
}
