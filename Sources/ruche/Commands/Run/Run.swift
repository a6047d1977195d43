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
            --detach it goes on without this command. Ends with 7 when the job fails, 13 at its time limit.

            Examples:
              ruche run lab/variant-calling --input genome.fa reads_*.fq
              ruche run lab/variant-calling:1.0.0 -i data/* --set ploidy=2 -o results
              ruche run lab/variant-calling -i data/* --config values.json --logs
              ruche run lab/variant-calling -i data/* --memory 2G --time 30m --detach
            """)

    @Argument(help: "owner/name[:version]", transform: Arguments.release)
    var release: ReleaseReference

    @Option(
        name: [.short, .long], parsing: .upToNextOption, help: ArgumentHelp("Input files.", valueName: "file"),
        completion: .file())
    var input: [String] = []

    @Option(
        name: [.short, .long], parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A value of the form; may be given again.", valueName: "key=value"))
    var set: [String] = []

    @Option(help: ArgumentHelp("JSON file with values of the form.", valueName: "file"), completion: .file())
    var config: String?

    @Option(help: ArgumentHelp("Folder of reference databases.", valueName: "dir"), completion: .directory)
    var databases: String?

    @Option(
        name: [.short, .long], help: ArgumentHelp("Copy the outputs here; missing or empty.", valueName: "dir"),
        completion: .directory)
    var output: String?

    @Option(help: "A name for people.")
    var name: String?

    @Option(help: "Engine to run it with.")
    var engine: String?

    @OptionGroup(title: "Limits") var limits: LimitOptions

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
        let inputs = try JobInputs(input, context.environment)
        let parameters = try JobParameters(set)
        try await context.withClient { client in
            let request = try await request(inputs, parameters, client, context)
            let job = try await client.startJob(request)
            if !detach { context.output.note("job \(job.id) of \(job.release)") }
            let follower = JobFollower(context: context, showsLog: verbose, folder: folder)
            if detach { try await follower.detach(job, client) } else { try await follower.follow(job, client) }
        }
    }

    private func request(
        _ inputs: JobInputs, _ parameters: JobParameters, _ client: APIClient, _ context: CommandContext
    ) async throws -> JobRequest {
        let typing = try await ParameterTyping.of(release, client, isNeeded: !set.isEmpty)
        let values = try parameters.values(
            file: config.map { context.environment.absolute($0) }, typed: typing.value)
        // Values that can't be read are found before any file is sent.
        var request = JobRequest(
            release: release.description, inputs: try await inputs.requests(client, context), parameters: values)
        request.name = name
        request.engine = engine
        request.databases = databases.map { context.environment.absolute($0).string }
        request.limits = limits.value
        return request
    }
}
