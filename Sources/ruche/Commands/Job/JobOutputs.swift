import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct JobOutputs: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "outputs",
        abstract: "List a job's outputs, or copy them to a folder.",
        discussion: """
            Examples:
              ruche job outputs 01hxyzabcdefghjkmnpqrstvwx
              ruche job outputs 01hxyzabcdefghjkmnpqrstvwx --output results
            """)

    @Argument(help: "The job.", transform: Arguments.identifier)
    var id: Identifier

    @Option(
        name: [.short, .long], help: ArgumentHelp("Copy them here; missing or empty.", valueName: "dir"),
        completion: .directory)
    var output: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let folder = output.map { context.environment.absolute($0) }
        if let folder { try OutputDownload.check(folder) }
        try await context.withClient { client in
            let files = try await client.jobOutputs(id)
            try context.output.list(files, now: context.now())
            guard let folder else { return }
            var job = try await client.job(id)
            job.outputs = files
            try await OutputDownload(context: context).run(job, to: folder, client)
        }
    }
}
