/// When a job may be over, from its progress so far and from earlier runs of the same pipeline.
package struct ProgressEstimate: Hashable, Sendable {
    /// A run that went well.
    package struct Run: Hashable, Sendable, Codable {
        package var seconds: Double
        package var inputBytes: Int64

        package init(seconds: Double, inputBytes: Int64) {
            self.seconds = seconds
            self.inputBytes = inputBytes
        }
    }

    /// Progress under this tells nothing yet.
    private static let leastFraction = 0.01
    /// Inputs more different in size than by this factor say little of each other.
    private static let scaleLimit = 100.0

    /// Bytes of all inputs of the job.
    package var inputBytes: Int64
    package var earlier: [Run]

    package init(inputBytes: Int64, earlier: [Run]) {
        self.inputBytes = inputBytes
        self.earlier = earlier
    }

    /// Seconds that the whole job takes; nil when nothing is known. `fraction` is what was done after `elapsed` seconds.
    ///
    /// The more is done, the more its own progress counts: at the start only earlier runs, at the half both alike.
    package func seconds(elapsed: Double, fraction: Double?) -> Double? {
        let history = expected
        guard let fraction, fraction >= Self.leastFraction, elapsed > 0 else {
            // It takes longer than the others did: nobody knows how much.
            return history.flatMap { $0 > elapsed ? $0 : nil }
        }
        let linear = elapsed / min(fraction, 1)
        guard let history else { return linear }
        return max(elapsed, linear * fraction + history * (1 - fraction))
    }

    /// The median of the earlier runs, each scaled to the size of this job's inputs.
    private var expected: Double? {
        let times = earlier.filter { $0.seconds >= 0 && $0.seconds.isFinite }.map { run in
            guard inputBytes > 0, run.inputBytes > 0 else { return run.seconds }
            let scale = Double(inputBytes) / Double(run.inputBytes)
            return run.seconds * min(max(scale, 1 / Self.scaleLimit), Self.scaleLimit)
        }.sorted()
        guard !times.isEmpty else { return nil }
        let middle = times.count / 2
        return times.count % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2
    }
}
