/// What a job used over its time, in a bounded number of points: when there are too many, every second one goes, so
/// that a long job is kept as long as a short one, less closely.
package struct UsageSeries: Hashable, Sendable {
    /// Points kept at most.
    package static let limit = 512
    private static let first = 0.25
    private static let longest = 5.0

    package private(set) var points: [UsagePoint]
    /// True when points went, so that what is kept elsewhere has to be written again.
    package private(set) var isThinned = false

    package init(_ points: [UsagePoint] = []) { self.points = points }

    /// Seconds until the next look: soon in the beginning, so that a short job has a series as well.
    package var pause: Double {
        let age = Double((points.last?.time ?? 0) - (points.first?.time ?? 0)) / 1000
        let even = age / Double(Self.limit / 2)
        return max(min(Self.longest, Self.first + age / 4), even)
    }

    package mutating func append(_ point: UsagePoint) {
        points.append(point)
        isThinned = points.count > Self.limit
        guard isThinned else { return }
        // The newest stays, and the peaks of what goes.
        var kept: [UsagePoint] = []
        for index in stride(from: 0, to: points.count - 1, by: 2) {
            kept.append(points[index].joined(with: points[index + 1]))
        }
        if points.count % 2 == 1, let last = points.last { kept.append(last) }
        points = kept
    }

    /// The whole in a few figures; nil without a point. `started` is milliseconds since 1970.
    package func summary(started: Int64?) -> JobUsage? {
        guard let last = points.last else { return nil }
        let seconds = Double(last.time - (started ?? points.first?.time ?? last.time)) / 1000
        return JobUsage(
            cpuSeconds: last.cpuSeconds, meanCPUs: seconds > 0 ? last.cpuSeconds / seconds : nil,
            memoryPeakBytes: points.map { max($0.memoryBytes, $0.memoryPeakBytes) }.max() ?? 0,
            readBytes: last.readBytes, writtenBytes: last.writtenBytes)
    }
}
