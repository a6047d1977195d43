import Hummingbird
import RucheCore
import RucheService

extension JobFileRoutes {
    static let logQuery = [
        "follow": "Go on until the job is over.",
        "from": "Number of the first line, 0 by default, counted among those that are asked for.",
        "tail": "Only so many of the newest lines, and what comes later.",
        "since": "Only lines of this time or later: milliseconds since 1970, or RFC 3339.",
        "stream": "Only lines of `stdout` or of `stderr`.",
        "after": "Only what comes after the line with this `position`.",
        "limit": "At most so many lines.",
    ]

    static func selection(_ request: Request) throws -> LogSelection {
        var selection = LogSelection()
        selection.from = try request.integer("from", in: 0...Int.max) ?? 0
        selection.tail = try request.integer("tail", in: 0...LogSelection.tailLimit)
        selection.after = try request.integer("after", in: 0...Int.max).map { Int64($0) }
        selection.limit = try request.integer("limit", in: 1...Int.max)
        if let text = request.query("since") {
            guard let time = Int64(text) ?? Timestamp.milliseconds(text) else {
                throw Request.invalidQuery("since", text, allowed: "milliseconds since 1970, or 2026-01-31T12:00:00Z")
            }
            selection.since = time
        }
        if let stream = request.query("stream") {
            guard ["stdout", "stderr"].contains(stream) else {
                throw Request.invalidQuery("stream", stream, allowed: "stdout or stderr")
            }
            selection.stream = stream
        }
        return selection
    }

    /// The console as it is on disk, whole or a range of its bytes.
    var consoleRoute: Route {
        Route(
            .get, "/api/v1/jobs/{id}/console", access: .right(.read),
            RouteDocumentation(
                "The job's console as the engine wrote it, `TIME STREAM TAG TEXT`; answers ranges of bytes.",
                response: "bytes")
        ) { request, context in
            let path = try await jobs.console(context.identifier())
            let served = ServedBytes(
                size: try path.map { try FileChunks.size(of: $0) } ?? 0, mediaType: "application/octet-stream"
            ) { offset, length in
                guard let path else { throw RucheError(.notFound, "the job wrote nothing yet") }
                return try FileChunks.stream(path, offset: offset, length: length)
            }
            return try await .bytes(served, for: request)
        }
    }
}
