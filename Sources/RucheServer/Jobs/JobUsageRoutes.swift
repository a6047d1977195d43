import Hummingbird
import RucheCore
import RucheService
import RucheWire

/// What jobs use, and used.
struct JobUsageRoutes: Sendable {
    let jobs: JobService

    init(_ jobs: JobService) { self.jobs = jobs }

    var routes: [Route] {
        [
            Route(
                .get, "/api/v1/jobs/{id}/stats", access: .right(.read),
                RouteDocumentation("What a running job uses now.", response: "JobStatsDocument")
            ) { _, context in try .json(JobStatsDocument(try await jobs.stats(context.identifier()))) },
            Route(
                .get, "/api/v1/jobs/{id}/stats/series", access: .right(.read),
                RouteDocumentation(
                    "What a job used over its time, also after its end: at most 512 points, closer in a short job.",
                    response: "JobUsageSeriesDocument")
            ) { _, context in
                let (record, series) = try await jobs.usage(context.identifier())
                return try .json(
                    JobUsageSeriesDocument(points: series.points, summary: series.summary(started: record.startedAt)))
            },
        ]
    }
}
