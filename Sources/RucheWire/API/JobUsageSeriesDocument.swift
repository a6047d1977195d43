package import RucheCore

/// `GET /api/v1/jobs/{id}/stats/series`.
package struct JobUsageSeriesDocument: Codable, Hashable, Sendable {
    /// Oldest first.
    package var points: [UsagePoint]
    /// Nil when there is no point.
    package var summary: JobUsage?

    package init(points: [UsagePoint], summary: JobUsage?) {
        self.points = points
        self.summary = summary
    }
}
