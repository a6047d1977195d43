import ArgumentParser
import RucheClient
import RucheCore
import RucheWire
import SystemPackage

struct Run: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the pipeline of a release on files.",
        discussion: """
            The values are checked against the release's form before anything starts. Ctrl-C cancels the job; with \
            --detach it goes on without this command, once the inputs are sent. To a server elsewhere they are sent \
            while the job waits for them, two at a time; what breaks off goes on where it was. Ends with 7 when the job fails, 13 at its time limit.

            Examples:
              ruche run lab/variant-calling --input genome.fa reads_*.fq
              ruche run lab/variant-calling:1.0.0 -i data/* --set ploidy=2 -o results
              ruche run lab/variant-calling -i data/* --config values.json --logs
              ruche run lab/variant-calling -i data/* --memory 2G --time 30m --detach
            """)

    @Argument(help: "owner/name[:version], or its identifier ark:/…", transform: Arguments.target)
    var release: CatalogueTarget

    @Option(
        name: [.short, .long], parsing: .upToNextOption, help: ArgumentHelp("Input files.", valueName: "file"),
        completion: .file())
    var input: [String] = []

    @Option(
        name: [.short, .long], parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A value of the form; may be given again.", valueName: "key=value"))
    var set: [String] = []

    @Option(
        help: ArgumentHelp(
            "JSON file with values of the form, or the config.json of another job; --set wins over it.",
            valueName: "file"), completion: .file())
    var config: String?

    @Option(help: ArgumentHelp("Folder of reference databases.", valueName: "dir"), completion: .directory)
    var databases: String?

    @Option(
        help: ArgumentHelp("A reference database to mount; may be given again.", valueName: "name[:version]"),
        transform: Arguments.database)
    var database: [DatabaseReference] = []

    @OptionGroup var following: FollowOptions

    @Option(help: "A name for people.")
    var name: String?

    @Option(help: "Engine to run it with.")
    var engine: String?

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @OptionGroup(title: "Queue") var queueing: QueueOptions

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let folder = try following.folder(context.environment)
        let inputs = try JobInputs(input, context.environment)
        let parameters = try JobParameters(set)
        try await context.withClient { client in
            let (request, sending) = try await request(inputs, parameters, client, context)
            let job = try await JobInputs.start(request, sending, client)
            try await following.follow(job, sending, to: folder, client, context)
        }
    }

    private func request(
        _ inputs: JobInputs, _ parameters: JobParameters, _ client: APIClient, _ context: CommandContext
    ) async throws -> (JobRequest, FileSending?) {
        let release = try await release.release(client)
        let typing = try await ParameterTyping.of(release, client, isNeeded: !set.isEmpty)
        let values = try parameters.values(
            file: config.map { context.environment.absolute($0) }, typed: typing.value)
        // Values that can't be read are found before any upload is begun.
        let (inputs, sending) = try await inputs.requests(client, context)
        var request = JobRequest(release: release.description, inputs: inputs, parameters: values)
        request.name = name
        request.engine = engine
        request.databases = databases.map { context.environment.absolute($0).string }
        request.limits = limits.value
        request.references = database.isEmpty ? nil : database.map(\.description)
        queueing.apply(to: &request)
        return (request, sending)
    }
}
