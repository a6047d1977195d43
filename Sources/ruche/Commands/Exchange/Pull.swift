import ArgumentParser

struct Pull: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetch releases from another site, whole: every variant, recipe, lock, SBOM.",
        discussion: """
            A release keeps its digest. Only blobs that the other side lacks travel, several at a time; what breaks \
            off, or is killed, goes on where it was when the same command is given again. An environment that is \
            new there is private until it is made public.

            Examples:
              ruche pull lab/variant-calling https://ruche.example.org
              ruche pull --all lab/variant-calling institute
              ruche pull ark:/12345/r1bcdf7 institute
              ruche pull https://ruche.example.org/ark:/12345/r1bcdf7
            """)

    @OptionGroup var options: CopyOptions
    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await options.copy(context, doing: "fetching", done: "fetched") { (source: $1, target: $0) }
    }
}
