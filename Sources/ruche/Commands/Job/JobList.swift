import ArgumentParser
import RucheClient
import RucheCore

struct JobList: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs, newest first.",
        discussion: """
            Examples:
              ruche job list
              ruche job list --state queued --owner lab
              ruche job list --all --json
            """)

    @Flag(name: [.short, .long], help: "All of them, not only the newest 50.")
    var all = false

    @Option(help: "Only jobs in this state.", transform: Self.state)
    var state: JobState?

    @Option(help: "Only jobs of this owner.")
    var owner: String?

    @Option(help: "Only jobs of this name.")
    var name: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let jobs = try await context.withClient {
            try await $0.jobs(state: state, owner: owner, name: name, limit: all ? nil : 50)
        }
        if jobs.isEmpty, context.output.format == .text {
            context.output.note("no jobs yet; \"ruche run RELEASE\" starts one")
        } else {
            try context.output.list(jobs, now: context.now())
        }
    }

    @Sendable private static func state(_ text: String) throws -> JobState {
        guard let state = JobState(rawValue: text) else {
            throw ValidationError(
                "\"\(text)\" is no state: use \(JobState.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return state
    }
}
