/// Whether a job that failed is tried again.
package struct RetryPolicy: Hashable, Sendable, Codable {
    package static let counts = 0...20
    package static let backoffs = 0...86_400
    /// The longest wait between two attempts.
    private static let longest = 3600

    /// Attempts after the first.
    package var count: Int
    /// What it is tried again after.
    package var on: [RetryCause]
    /// Seconds before the second attempt; twice as many before each further one, at most an hour or this itself.
    package var backoff: Int

    package init(count: Int, on: [RetryCause] = [.engineLost], backoff: Int = 10) {
        self.count = count
        self.on = on
        self.backoff = backoff
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(count: try container.decode(Int.self, forKey: .count))
        on = try container.decodeIfPresent([RetryCause].self, forKey: .on) ?? on
        backoff = try container.decodeIfPresent(Int.self, forKey: .backoff) ?? backoff
    }

    /// Seconds until the next attempt; nil when there is none. `attempts` have failed, the last one with `exit`.
    package func delay(after exit: JobExit, attempts: Int) -> Int? {
        guard attempts <= count, !exit.isSuccess, on.contains(where: { $0.matches(exit) }) else { return nil }
        let doubled = (1..<max(1, attempts)).reduce(backoff) { value, _ in min(value * 2, Self.longest) }
        return max(doubled, backoff)
    }

    /// What is wrong with it, by key.
    package var problems: [Problem] {
        var problems: [Problem] = []
        if !Self.counts.contains(count) {
            problems.append(
                Problem(
                    path: "retry.count", message: "the number is out of range", found: "\(count)", allowed: "0 to 20"))
        }
        if !Self.backoffs.contains(backoff) {
            problems.append(
                Problem(
                    path: "retry.backoff", message: "the number is out of range", found: "\(backoff)",
                    allowed: "0 to 86400 seconds"))
        }
        if on.isEmpty || on.count > 64 {
            problems.append(
                Problem(path: "retry.on", message: "the list has \(on.count) entries", allowed: "1 to 64"))
        }
        return problems
    }
}
