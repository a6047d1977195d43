import ArgumentParser
import RucheCore
import RucheWire

/// Options that say when a job starts, and whether it is tried again.
struct QueueOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "-100 to 100; more comes first.")
    var priority: Int?

    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("Start when these jobs have succeeded.", valueName: "job"),
        transform: Arguments.identifier)
    var after: [Identifier] = []

    @Option(help: ArgumentHelp("Try again so many times when it fails.", valueName: "count"))
    var retry: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Try again after these only: \(RetryCause.names.joined(separator: ", ")), or exit codes; engine_lost when not given.",
            valueName: "cause"), transform: Self.cause)
    var retryOn: [RetryCause] = []

    @Option(
        help: ArgumentHelp("Wait so long before the second attempt, then ever longer.", valueName: "time"),
        transform: Arguments.time)
    var retryDelay: Int?

    func validate() throws {
        if let priority, !QueuedJob.priorities.contains(priority) {
            throw ValidationError("--priority must be from -100 to 100")
        }
        if let retry, !RetryPolicy.counts.contains(retry) { throw ValidationError("--retry must be from 0 to 20") }
        if retry == nil, !retryOn.isEmpty || retryDelay != nil {
            throw ValidationError("--retry-on and --retry-delay need --retry COUNT")
        }
    }

    func apply(to request: inout JobRequest) {
        request.priority = priority
        request.after = after.isEmpty ? nil : after
        guard let retry else { return }
        var policy = RetryPolicy(count: retry)
        if !retryOn.isEmpty { policy.on = retryOn }
        policy.backoff = retryDelay ?? policy.backoff
        request.retry = policy
    }

    @Sendable private static func cause(_ text: String) throws -> RetryCause {
        guard let cause = RetryCause(text) else {
            throw ValidationError(
                "\"\(text)\" is no cause to try again: use \(RetryCause.names.joined(separator: ", ")) or 1 to 255")
        }
        return cause
    }
}
