import ArgumentParser
import RucheClient

struct JobList: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs, newest first.",
        discussion: """
            Examples:
              ruche job list
              ruche job list --all --json
            """)

    @Flag(name: [.short, .long], help: "All of them, not only the newest 50.")
    var all = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let jobs = try await context.withClient { try await $0.jobs(limit: all ? nil : 50) }
        if jobs.isEmpty, context.output.format == .text {
            context.output.note("no jobs yet; \"ruche run RELEASE\" starts one")
        } else {
            try context.output.list(jobs, now: context.now())
        }
    }
}
