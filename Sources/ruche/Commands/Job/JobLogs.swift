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
            """)

    @Argument(help: "The job.", transform: Arguments.identifier)
    var id: Identifier

    @Flag(name: [.short, .long], help: "Go on until the job ends.")
    var follow = false

    @Flag(name: [.short, .long], help: "Show when each line was written.")
    var times = false

    @Option(help: ArgumentHelp("Begin at this line, from 0.", valueName: "number"))
    var from: Int?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let output = context.output
        try await context.withClient { client in
            try await client.jobLog(id, from: from, follow: follow) { line in
                try output.jsonLine(line)
                guard output.format != .json else { return }
                let text = (times ? line.time + " " : "") + line.text
                if line.stream == "stderr" { output.warn(text) } else { output.raw(clean(text, output) + "\n") }
            }
        }
    }

    /// Escape sequences of a job reach a file as they are, a terminal never.
    private func clean(_ text: String, _ output: Output) -> String {
        output.results == .plain ? text : Sanitized.line(text)
    }
}
