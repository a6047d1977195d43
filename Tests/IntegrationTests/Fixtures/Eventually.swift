/// Waits for a condition, asking again and again, and throws when it does not come in time.
func eventually(
    within limit: Duration, every pause: Duration = .milliseconds(50), _ what: String,
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while try await !condition() {
        guard clock.now < deadline else { throw NeverHappened(what: what) }
        try await Task.sleep(for: pause)
    }
}

struct NeverHappened: Error, CustomStringConvertible {
    let what: String
    var description: String { "in vain: \(what)" }
}
