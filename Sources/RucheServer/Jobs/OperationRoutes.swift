import HTTPTypes
import Hummingbird
import NIOCore
import RucheCore
package import RucheService
import RucheWire

/// Long work: what runs, how it ended, its log.
package struct OperationRoutes: Sendable {
    private let operations: OperationService

    package init(_ operations: OperationService) { self.operations = operations }

    package var routes: [Route] {
        [
            Route(
                .get, "/api/v1/operations", access: .right(.read),
                RouteDocumentation(
                    "Lists operations, newest first.",
                    query: ["limit": "At most so many, 1 to 1000.", "cursor": "The `next` of the page before."],
                    response: "Page<OperationDocument>")
            ) { request, context in
                let limit = try request.pageLimit()
                let records = try await operations.operations(
                    before: request.identifierCursor(), owners: context.caller.owners(with: .read), limit: limit)
                let next = records.count == limit ? records.last?.id.description : nil
                return try .json(Page(items: records.map(OperationDocument.init(record:)), next: next))
            },
            Route(
                .get, "/api/v1/operations/{id}", access: .right(.read),
                RouteDocumentation("Shows an operation.", response: "OperationDocument")
            ) { _, context in
                let id = try context.identifier()
                guard let record = try await operations.operation(id) else {
                    throw RucheError(.notFound, "there is no operation \(id)", details: ["operation": "\(id)"])
                }
                return try .json(OperationDocument(record: record))
            },
            Route(
                .delete, "/api/v1/operations/{id}", access: .right(.publish),
                RouteDocumentation(
                    "Cancels an operation; one that is over stays as it is.", response: "OperationDocument", status: 202
                )
            ) { _, context in try .accepted(try await operations.cancel(context.identifier())) },
            Route(
                .get, "/api/v1/operations/{id}/log", access: .right(.read),
                RouteDocumentation(
                    "The operation's log as JSON lines.", query: ["step": "Only lines of the step with this number."],
                    response: "Lines<StepLogLine>"), handler: log),
        ]
    }

    private func log(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let step = try request.query("step").map { text in
            guard let step = Int(text), step >= 0 else {
                throw Request.invalidQuery("step", text, allowed: "the number of a step")
            }
            return step
        }
        let path = try await operations.logPath(context.identifier())
        let headers: HTTPFields = [.contentType: "application/jsonl"]
        guard let size = try? FileChunks.size(of: path) else {  // nothing was logged
            return Response(status: .ok, headers: headers)
        }
        guard let step else {
            let served = ServedBytes(size: size, mediaType: "application/jsonl") {
                try FileChunks.stream(path, offset: $0, length: $1)
            }
            return try await .bytes(served, for: request)
        }
        // How long it is shows only when all of it was read, so it is sent without a length.
        let chunks = try FileChunks.stream(path, offset: 0, length: size)
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                var lines = StepLogLines(step: step)
                for try await chunk in chunks {
                    let bytes = lines.take(chunk)
                    if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
                }
                try await writer.finish(nil)
            })
    }
}

extension Request {
    /// `?cursor=` of lists whose items are ordered by identifier. Throws `invalid_input`.
    func identifierCursor() throws -> Identifier? {
        guard let text = query("cursor") else { return nil }
        guard let cursor = Identifier(text) else {
            throw Self.invalidQuery("cursor", text, allowed: "the next of another page")
        }
        return cursor
    }
}
