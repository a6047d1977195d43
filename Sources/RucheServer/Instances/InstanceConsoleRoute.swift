import HTTPTypes
import Hummingbird
import NIOCore
import RucheCore
import RucheService

/// What an instance wrote to its console, as it wrote it.
struct InstanceConsoleRoute: Sendable {
    private static let mediaType = "text/plain; charset=utf-8"

    let instances: InstanceService

    init(_ instances: InstanceService) { self.instances = instances }

    var route: Route {
        Route(
            .get, "/api/v1/instances/{id}/console", access: .right(.read),
            RouteDocumentation(
                "What an instance wrote to its console; without `tail` and `follow` that of a machine answers ranges.",
                query: [
                    "tail": "Only so many of the newest lines.", "follow": "Go on until it has ended.",
                ], response: "bytes")
        ) { request, context in try await answer(request, context) }
    }

    private func answer(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let id = try context.identifier()
        let path = try await instances.consoleFile(id)
        let tail = try request.integer("tail", in: 0...100_000)
        let follow = try request.flag("follow")
        if let path, tail == nil, !follow {
            let size = (try? FileChunks.size(of: path)) ?? 0  // it wrote nothing yet
            let served = ServedBytes(size: size, mediaType: Self.mediaType) {
                guard size > 0 else { throw RucheError(.notFound, "the instance wrote nothing yet") }
                return try FileChunks.stream(path, offset: $0, length: $1)
            }
            return try await .bytes(served, for: request)
        }
        let gone = GoneFlag()
        let chunks = try await instances.console(id, lines: tail, follow: follow) { gone.isSet }
        let body = ResponseBody { writer in
            var current = writer
            try await withThrowingTaskGroup(of: Void.self) { group in
                if follow { group.addTask { try await gone.watch(request, context.standing) } }
                for try await chunk in chunks {
                    if gone.isSet { break }
                    if !chunk.isEmpty { try await current.write(ByteBuffer(bytes: chunk)) }
                }
                try gone.checkRefusal()
                group.cancelAll()
            }
            try await current.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: Self.mediaType, .cacheControl: "no-store"], body: body)
    }
}
