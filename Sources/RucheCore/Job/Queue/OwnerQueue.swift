import Glibc

/// What one owner has in the queue of one engine.
struct OwnerQueue: Hashable, Sendable {
    /// Ready jobs by priority. No lane is empty.
    private(set) var lanes: [Int: JobLane] = [:]
    private(set) var waiting = 0
    var used = ResourceUse()
    /// Slots × seconds of jobs that ended, halved every hour.
    private var recent = 0.0
    private var recentAt = Duration.zero

    private static let halfLife = 3600.0

    mutating func insert(_ id: Identifier, priority: Int) {
        lanes[priority, default: JobLane()].insert(id)
        waiting += 1
    }

    mutating func remove(_ id: Identifier, priority: Int) {
        lanes[priority]?.remove(id)
        waiting -= 1
        if lanes[priority]?.count == 0 { lanes[priority] = nil }
    }

    func recentUse(_ now: Duration) -> Double {
        let age = max(0, Self.seconds(now) - Self.seconds(recentAt))
        return recent * exp2(-age / Self.halfLife)
    }

    mutating func account(level: Double, from start: Duration, to now: Duration) {
        recent = recentUse(now) + level * max(0, Self.seconds(now) - Self.seconds(start))
        recentAt = now
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
