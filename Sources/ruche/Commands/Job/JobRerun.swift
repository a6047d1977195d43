import ArgumentParser
import RucheClient
import RucheCore
import RucheWire
import SystemPackage

struct JobRerun: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerun",
        abstract: "Run a job again: same release, same inputs, same values.",
        discussion: """
            Says what is missing when an input or the release is no longer as the run record says.

            Examples:
              ruche job rerun 01hxyzabcdefghjkmnpqrstvwx
              ruche job rerun 01hxyzabcdefghjkmnpqrstvwx --output again
            """)

    @Argument(help: "The job.", transform: Arguments.identifier)
    var id: Identifier

    @Option(
        name: [.short, .long], help: ArgumentHelp("Copy the outputs here; missing or empty.", valueName: "dir"),
        completion: .directory)
    var output: String?

    @Flag(name: [.short, .long], help: "Return when the job runs, and print its identifier.")
    var detach = false

    @Flag(name: [.short, .customLong("logs")], help: "Show what the job writes.")
    var verbose = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        if detach, output != nil { throw ValidationError("--detach and --output exclude each other") }
    }

    func run(_ context: CommandContext) async throws {
        let folder = output.map { context.environment.absolute($0) }
        if let folder { try OutputDownload.check(folder) }
        try await context.withClient { client in
            let job = try await client.rerunJob(id)
            if !detach { context.output.note("job \(job.id) of \(job.release)") }
            let follower = JobFollower(context: context, showsLog: verbose, folder: folder)
            if detach { try await follower.detach(job, client) } else { try await follower.follow(job, client) }
        }
    }
}
