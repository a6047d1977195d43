import ArgumentParser
import RucheClient
import RucheCore
import RucheWire
import SystemPackage

struct FileUpload: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "upload",
        abstract: "Upload files; what breaks off goes on where it was.",
        discussion: """
            Examples:
              ruche file upload genome.fa reads_1.fq reads_2.fq
              ruche file upload sample.bam --companion sample.bam.bai
              ruche file upload --resume 01hxyzabcdefghjkmnpqrstvwx genome.fa
            """)

    @Argument(help: "The files.", completion: .file())
    var files: [String]

    @Option(
        help: ArgumentHelp("A file that comes with the others into jobs; may be given again.", valueName: "file"),
        completion: .file())
    var companion: [String] = []

    @Option(help: ArgumentHelp("Whose files they become.", valueName: "owner"))
    var owner: String?

    @Option(help: ArgumentHelp("Go on with this upload.", valueName: "upload"), transform: Arguments.identifier)
    var resume: Identifier?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws {
        if resume != nil, files.count != 1 || !companion.isEmpty {
            throw ValidationError("--resume goes on with one file")
        }
    }

    func run(_ context: CommandContext) async throws {
        try await context.withClient { client in
            let companions = try await send(companion, client, context)
            for var file in try await send(files, client, context) {
                if !companions.isEmpty {
                    file = try await client.changeFile(file.id, FileEdit(companions: companions.map(\.id)))
                }
                context.output.quiet(file.id.description)
                try context.output.jsonLine(file)
                context.output.line("\(file.name)  file:\(file.id)  \(file.digest)")
            }
        }
    }

    private func send(
        _ paths: [String], _ client: APIClient, _ context: CommandContext
    ) async throws -> [FileDocument] {
        let paths = paths.map { context.environment.absolute($0) }
        let sending: FileSending
        if let resume, let path = paths.first {
            sending = try FileSending.resume(resume, path)
        } else {
            sending = try await FileSending.begin(paths, owner: owner, client)
        }
        return try await Ticker.run(context.output.liveRegion(), { sending.lines() }) {
            try await sending.send(client, context.output)
        }
    }
}
