import NIOHTTP1
package import RucheCore
package import RucheWire

extension APIClient {
    /// What runs and waits, by engine.
    package func queue() async throws -> [QueueDocument] {
        try await document(APIRequest(.GET, "/api/v1/queue"), as: [QueueDocument].self)
    }

    /// Jobs that are not over: those that run, then those that wait in their order.
    package func queuedJobs(
        engine: String? = nil, owner: String? = nil, limit: Int? = nil
    ) async throws -> [JobSummaryDocument] {
        try await all(
            "/api/v1/queue/jobs", query: [("engine", engine), ("owner", owner)], limit: limit,
            of: JobSummaryDocument.self)
    }

    /// Changes the priority of a job that waits.
    package func changeJob(_ id: Identifier, priority: Int) async throws -> JobDocument {
        let body = try JSON.encode(JobChange(priority: priority))
        return try await document(
            APIRequest(.PATCH, "/api/v1/jobs/\(id)", body: .json(body)), as: JobDocument.self)
    }
}
