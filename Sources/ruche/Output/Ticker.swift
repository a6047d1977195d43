import RucheCore

/// Redraws a region while work goes on, ten times a second, so that a busy server does not flood the terminal.
enum Ticker {
    static func run<Result: Sendable>(
        _ region: LiveRegion?, _ lines: @escaping @Sendable () -> [StyledLine],
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard let region else { return try await body() }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while !Task.isCancelled {
                    region.show(lines())
                    try await Task.sleep(for: .milliseconds(100))
                }
                return nil
            }
            defer {
                group.cancelAll()
                region.finish(lines())
            }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
