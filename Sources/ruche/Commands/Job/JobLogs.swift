import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct JobLogs: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print what a job wrote.",
        discussion: """
            Lines of standard error go to standard error.

            Examples:
              ruche job logs 01hxyzabcdefghjkmnpqrstvwx
              ruche job logs -f 01hxyzabcdefghjkmnpqrstvwx
              ruche job logs --tail 20 --stream stderr 01hxyzabcdefghjkmnpqrstvwx
              ruche job logs --since 10m --timestamps 01hxyzabcdefghjkmnpqrstvwx
            """)

    @Argument(help: "The job.", transform: Arguments.identifier)
    var id: Identifier

    @Flag(name: [.short, .long], help: "Go on until the job ends.")
    var follow = false

    @Flag(
        name: [.customShort("t"), .customLong("timestamps"), .customLong("times")],
        help: "Show when each line was written.")
    var timestamps = false

    @Option(help: ArgumentHelp("Only so many of the newest lines.", valueName: "number"))
    var tail: Int?

    @Option(
        help: ArgumentHelp(
            "Only lines of this time or later: 2026-01-31T12:00:00Z, or 90s, 10m, 2h, 1d ago.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Only what it wrote on stdout, or on stderr.", valueName: "name"))
    var stream: LogStream?

    @Option(help: ArgumentHelp("Begin at this line, from 0.", valueName: "number"))
    var from: Int?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let output = context.output
        var query = LogQuery()
        (query.from, query.tail, query.stream) = (from, tail, stream?.rawValue)
        query.since = try since.map { try SinceTime.parse($0, now: context.now()) }
        let wanted = query
        try await context.withClient { client in
            try await client.jobLog(id, wanted, follow: follow) { line in
                try output.jsonLine(line)
                guard output.format != .json else { return }
                let text = (timestamps ? line.time + " " : "") + line.text
                if line.stream == "stderr" { output.warn(text) } else { output.raw(clean(text, output) + "\n") }
            }
        }
    }

    /// Escape sequences of a job reach a file as they are, a terminal never.
    private func clean(_ text: String, _ output: Output) -> String {
        output.results == .plain ? text : Sanitized.line(text)
    }
}
