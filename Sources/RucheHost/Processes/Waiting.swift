/// Waiting for what nothing tells of.
package enum Waiting {
    /// Looks until something is so; false when the time is over. Throws `CancellationError`.
    package static func until(
        within limit: Duration, every pause: Duration, _ isSo: () throws -> Bool
    ) async throws -> Bool {
        let end = ContinuousClock.now + limit
        while try !isSo() {
            guard ContinuousClock.now < end else { return false }
            try await Task.sleep(for: pause)
        }
        return true
    }
}
