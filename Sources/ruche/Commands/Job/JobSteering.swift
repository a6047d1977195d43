import RucheClient
import RucheCore
import RucheWire

/// Commands that do one thing to some jobs.
enum JobSteering {
    /// Asks for it job by job, and prints the state that each has then.
    static func each(
        _ ids: [Identifier], _ context: CommandContext,
        _ ask: @escaping @Sendable (APIClient, Identifier) async throws -> JobDocument
    ) async throws {
        try await context.withClient { client in
            for id in ids {
                let job = try await ask(client, id)
                try context.output.jsonLine(job)
                context.output.quiet(id.description)
                context.output.line("\(id)  \(job.state.rawValue)")
            }
        }
    }
}
