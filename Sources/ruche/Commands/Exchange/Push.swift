import ArgumentParser

struct Push: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send releases to another site, whole: every variant, recipe, lock, SBOM.",
        discussion: """
            A release keeps its digest. Only blobs that the other side lacks travel, several at a time; what breaks \
            off, or is killed, goes on where it was when the same command is given again. An environment that is \
            new there is private until it is made public.

            Examples:
              ruche push lab/variant-calling:1.0.0 https://ruche.example.org
              ruche push --all lab/variant-calling institute
            """)

    @OptionGroup var options: CopyOptions
    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await options.copy(context, doing: "sending", done: "sent") { (source: $0, target: $1) }
    }
}
