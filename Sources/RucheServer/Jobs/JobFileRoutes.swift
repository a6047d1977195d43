import HTTPTypes
import Hummingbird
import NIOCore
import RucheCore
import RucheImages
import RucheService
import RucheWire

/// What a job leaves: logs, figures, outputs, the run record.
struct JobFileRoutes: Sendable {
    let jobs: JobService

    init(_ jobs: JobService) { self.jobs = jobs }

    var routes: [Route] {
        [
            Route(
                .get, "/api/v1/jobs/{id}/logs", access: .right(.read),
                RouteDocumentation(
                    "The job's console as JSON lines.",
                    query: Self.logQuery, response: "Lines<LogLine>")
            ) { request, context in try await logs(request, context) },
            consoleRoute,
            Route(
                .get, "/api/v1/jobs/{id}/outputs", access: .right(.read),
                RouteDocumentation(
                    "The files that a job wrote, with digests; empty before it is over.",
                    query: [
                        "limit": "At most so many, 1 to 1000.", "cursor": "The `next` of the page before.",
                    ], response: "Page<JobFile>")
            ) { request, context in try await outputs(request, context) },
            Route(
                .get, "/api/v1/jobs/{id}/outputs/{path+}", access: .right(.read),
                RouteDocumentation("One file that a job wrote; answers ranges.", response: "bytes")
            ) { request, context in try await output(request, context) },
            Route(
                .get, "/api/v1/jobs/{id}/record", access: .right(.read),
                RouteDocumentation("The run record, run.json, of a job that is over.", response: "RunRecord")
            ) { _, context in
                let bytes = try await jobs.runRecordBytes(context.identifier())
                return Response(
                    status: .ok, headers: [.contentType: "application/json"],
                    body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
            },
        ] + JobUsageRoutes(jobs).routes
    }

    private func outputs(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let limit = try request.pageLimit()
        let start = try request.integer("cursor", in: 0...Int.max) ?? 0
        let outputs = try await jobs.job(context.identifier()).outputs
        let page = outputs.dropFirst(start).prefix(limit)
        return try .json(
            Page(
                items: page.map { JobFile(path: $0.path, size: $0.size, digest: $0.digest) },
                next: page.endIndex < outputs.count ? String(page.endIndex) : nil))
    }

    private func logs(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let selection = try Self.selection(request)
        let follow = try request.flag("follow")
        let gone = GoneFlag()
        let lines = try await jobs.logs(context.identifier(), selection, follow: follow) {
            gone.isSet
        }
        let body = ResponseBody { writer in
            var current = writer
            try await withThrowingTaskGroup(of: Void.self) { group in
                if follow { group.addTask { try await gone.watch(request, context.standing) } }
                for try await line in lines {
                    var document = LogLine(time: line.time, stream: line.stream, text: line.text)
                    document.position = line.position
                    var buffer = try JSONCoding.encode(document)
                    buffer.writeInteger(UInt8(ascii: "\n"))
                    try await current.write(buffer)
                }
                try gone.checkRefusal()
                group.cancelAll()
            }
            try await current.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/jsonl", .cacheControl: "no-store"], body: body)
    }

    private func output(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let (file, output) = try await jobs.outputFile(context.identifier(), path: context.relativePath())
        let name = output.path.split(separator: "/").last.map(String.init)
        let served = ServedBytes(
            size: output.size, mediaType: "application/octet-stream", entityTag: output.digest.description,
            fileName: name
        ) { offset, length in
            guard try FileChunks.size(of: file) == output.size else {
                throw RucheError(.corruptContent, "the output \"\(output.path)\" is not as it was recorded")
            }
            return try FileChunks.stream(file, offset: offset, length: length)
        }
        return try await .bytes(served, for: request)
    }
}
