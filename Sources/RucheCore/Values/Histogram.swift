/// Counts of values by upper bounds, as Prometheus keeps them.
package struct Histogram: Hashable, Sendable {
    /// Seconds of requests.
    package static let requests: [Double] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    /// Seconds of jobs: from one to a week.
    package static let jobs: [Double] = [1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 604_800]

    private let bounds: [Double]
    private var counts: [UInt64]
    package private(set) var sum = 0.0
    package private(set) var count: UInt64 = 0

    /// `bounds` go up; what is over the last is counted as well.
    package init(_ bounds: [Double]) {
        self.bounds = bounds
        counts = [UInt64](repeating: 0, count: bounds.count)
    }

    package mutating func observe(_ value: Double) {
        if let index = bounds.firstIndex(where: { value <= $0 }) { counts[index] += 1 }
        sum += value
        count += 1
    }

    /// How many values are at most each bound; the last bound is infinite.
    package var cumulative: [(bound: Double, count: UInt64)] {
        var total: UInt64 = 0
        var result: [(bound: Double, count: UInt64)] = []
        for (bound, count) in zip(bounds, counts) {
            total += count
            result.append((bound, total))
        }
        return result + [(.infinity, count)]
    }
}
