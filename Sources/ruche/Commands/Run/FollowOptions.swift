import ArgumentParser
import RucheClient
import RucheWire
import SystemPackage

/// How a command that started a job goes on with it.
struct FollowOptions: ParsableArguments {
    @Option(
        name: [.short, .long], help: ArgumentHelp("Copy the outputs here; missing or empty.", valueName: "dir"),
        completion: .directory)
    var output: String?

    @Flag(name: [.short, .long], help: "Return when the job runs, and print its identifier.")
    var detach = false

    @Flag(name: [.short, .customLong("logs")], help: "Show what the job writes.")
    var verbose = false

    func validate() throws {
        if detach, output != nil { throw ValidationError("--detach and --output exclude each other") }
    }

    /// Where the outputs go, checked before anything starts.
    func folder(_ environment: ProcessEnvironment) throws -> FilePath? {
        guard let folder = output.map({ environment.absolute($0) }) else { return nil }
        try OutputDownload.check(folder)
        return folder
    }

    func follow(
        _ job: JobDocument, _ sending: FileSending? = nil, to folder: FilePath?, _ client: APIClient,
        _ context: CommandContext
    ) async throws {
        if !detach { context.output.note("job \(job.id) of \(job.release)") }
        let follower = JobFollower(context: context, sending: sending, showsLog: verbose, folder: folder)
        if detach { try await follower.detach(job, client) } else { try await follower.follow(job, client) }
    }
}
