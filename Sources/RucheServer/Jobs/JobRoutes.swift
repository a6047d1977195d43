import HTTPTypes
import Hummingbird
import NIOCore
import RucheCore
package import RucheService
import RucheWire
import SystemPackage

/// Jobs: `/api/v1/jobs` and below.
package struct JobRoutes: Sendable {
    /// Bytes of a submission: many inputs by path make it long.
    private static let submissionLimit = 8 << 20

    let jobs: JobService

    package init(_ jobs: JobService) { self.jobs = jobs }

    package var routes: [Route] {
        collection + control + QueueRoutes(jobs).routes + JobFileRoutes(jobs).routes + [notification]
    }

    private var collection: [Route] {
        [
            Route(
                .post, "/api/v1/jobs", access: .right(.run),
                RouteDocumentation(
                    "Checks a job whole, records it and queues it. Paths of the server's machine are taken on the private socket only.",
                    request: "JobRequest", response: "JobDocument", status: 201)
            ) { request, context in
                let body = try await request.decodeJSON(JobRequest.self, context, limit: Self.submissionLimit)
                try Self.refusePaths(body, context)
                try QueueRoutes.refusePriority(body.priority, on: body.owner ?? context.caller.owner, context)
                let record = try await jobs.submit(try await submission(body, context.caller))
                return try .json(
                    await document(record, context), status: .created, headers: [.location: "/api/v1/jobs/\(record.id)"]
                )
            },
            Route(
                .get, "/api/v1/jobs", access: .right(.read),
                RouteDocumentation(
                    "Lists jobs, newest first, with the number of their files; a job's own document names them.",
                    query: [
                        "state": "Only jobs in this state.", "owner": "Only jobs of this owner.",
                        "name": "Only jobs of this name.", "limit": "At most so many, 1 to 1000.",
                        "cursor": "The `next` of the page before.",
                    ], response: "Page<JobSummaryDocument>")
            ) { request, context in try await list(request, context) },
            Route(
                .get, "/api/v1/jobs/{id}", access: .right(.read),
                RouteDocumentation("Shows a job.", response: "JobDocument")
            ) { _, context in try .json(await document(try await jobs.job(context.identifier()), context)) },
            Route(
                .delete, "/api/v1/jobs/{id}", access: .right(.run),
                RouteDocumentation("Removes a job that is over, with all its files.", status: 204)
            ) { _, context in
                try await jobs.remove(context.identifier())
                return .noContent
            },
        ]
    }

    private var control: [Route] {
        let actions: [(String, String, @Sendable (Identifier) async throws -> JobRecord)] = [
            ("pause", "Freezes a running job.", { try await jobs.pause($0) }),
            ("resume", "Lets a paused job go on.", { try await jobs.resume($0) }),
            ("cancel", "Ends a job: TERM, then KILL. The answer comes before the end.", { try await jobs.cancel($0) }),
        ]
        let rerun = Route(
            .post, "/api/v1/jobs/{id}/rerun", access: .right(.run),
            RouteDocumentation(
                "Runs the same again from the job's record, or says everything that is missing.",
                response: "JobDocument",
                status: 201)
        ) { _, context in
            let original = try await jobs.job(context.identifier())
            try Self.refuseRerun(original, context)
            let record = try await jobs.rerun(
                original.id, by: context.caller.actor,
                mayRaise: context.caller.may(.publish, on: original.ownerName))
            return try .json(
                await document(record, context), status: .created, headers: [.location: "/api/v1/jobs/\(record.id)"])
        }
        return actions.map { name, summary, action in
            Route(
                .post, "/api/v1/jobs/{id}/\(name)", access: .right(.run),
                RouteDocumentation(summary, response: "JobDocument")
            ) { try .json(await document(try await action($1.identifier()), $1)) }
        } + [rerun]
    }

    private var notification: Route {
        Route(
            .post, "/api/v1/jobs/{id}/notify", access: .jobToken,
            RouteDocumentation(
                """
                What a job's container tells of its progress, whatever its content type. The job's token comes as \
                `Authorization: Bearer`.
                """, request: "JobNotification", response: "JobNotified")
        ) { request, context in try await notify(request, context) }
    }

    // MARK: Handlers

    private func list(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        var state: JobState?
        if let text = request.query("state") {
            guard let value = JobState(rawValue: text) else {
                let allowed = JobState.allCases.map(\.rawValue).joined(separator: ", ")
                throw Request.invalidQuery("state", text, allowed: allowed)
            }
            state = value
        }
        let limit = try request.pageLimit()
        let cursor = try request.identifierCursor()
        let summaries = try await jobs.summaries(
            before: cursor, limit: limit, state: state, name: request.query("name"),
            owners: request.owners(context.caller.owners(with: .read)))
        var items: [JobSummaryDocument] = []
        for summary in summaries where state == nil || summary.state == state {
            items.append(await JobSummaryDocument(summary, jobs))
        }
        return try .json(Page(items: items, next: summaries.count == limit ? summaries.last?.id.description : nil))
    }

    /// Accepts JSON under any content type: `curl -d` says form-urlencoded.
    private func notify(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let id = try context.identifier()
        let payload = try NotificationPayload.parse(try await request.bytes(limit: 64 << 10))
        let header = request.headers[.authorization]
        let bearer = header.flatMap { $0.lowercased().hasPrefix("bearer ") ? String($0.dropFirst(7)) : nil }
        let token = header == nil ? request.headers[.jobToken] : bearer
        let record = try await jobs.notify(id, token: token, payload: payload)
        // Nothing of the job but what its own container told or may know.
        return try .json(JobNotified(id: record.id, status: record.state.pirusName, progress: record.progress))
    }

    private func document(_ record: JobRecord, _ context: AppRequestContext) async -> JobDocument {
        await JobDocument(record, jobs, context)
    }

    /// Throws `forbidden` for an owner whose jobs the caller may not run, and `not_found` for a release that the
    /// caller may not see.
    private func submission(_ body: JobRequest, _ caller: Caller) async throws -> JobSubmission {
        let submission = JobSubmission(body, by: caller)
        try caller.require(.run, on: submission.owner)
        let release = try ReleaseReference(parsing: body.release)
        try await jobs.visibility.require(release, for: caller)
        return submission
    }

    private static func refusePaths(_ body: JobRequest, _ context: AppRequestContext) throws {
        guard !context.isLocal, body.databases != nil || body.inputs.contains(where: { $0.path != nil }) else { return }
        throw RucheError(
            .forbidden,
            "paths of the server's machine are taken on its private socket only: upload the files and name them by \"file\""
        )
    }

    /// A rerun reads paths again that only the server's own user may name.
    private static func refuseRerun(_ record: JobRecord, _ context: AppRequestContext) throws {
        guard !context.isLocal, record.databases != nil || record.inputs.contains(where: { $0.path != nil }) else {
            return
        }
        throw RucheError(
            .forbidden, "job \(record.id) read paths of the server's machine: run it again on the private socket")
    }
}

/// The answer to a notification.
private struct JobNotified: Encodable {
    var id: Identifier
    /// The job's state in the words of Pirus.
    var status: String
    var progress: Double?
}
