import ArgumentParser
import RucheCore
import RucheWire

struct Scrub: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for damage in everything that is kept, and set aside what is broken.",
        discussion: """
            Reads every blob at a bounded speed, beside other work. What is not what its digest says goes to \
            content/damaged/ in the data directory, so that the same content can be stored again. One that was stopped \
            goes on where it was. Ends with 12 when anything was damaged, and names it.

            Examples:
              ruche scrub
              ruche scrub --rate 20M
            """)

    @Option(
        help: ArgumentHelp("Bytes read in a second, at most; none for as fast as it goes.", valueName: "size"),
        transform: { $0 == "none" ? ByteCount(0) : try Arguments.size($0) })
    var rate = ByteCount(100 << 20)

    @Flag(help: "Begin with the first blob, not where one that was stopped had come to.")
    var restart = false

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let result = try await MaintenanceRun.run(
            "scrub", label: "scrubbing",
            options: [
                ("rate", rate.bytes > 0 ? String(rate.bytes) : nil), ("restart", restart ? "true" : nil),
            ], as: ScrubDocument.self, context)
        try context.output.json(result)
        for digest in result.damaged {
            context.output.quiet(digest.description)
            context.output.line("damaged: \(digest)", .red)
        }
        for release in result.releases { context.output.line("needs it: \(release)", .red) }
        guard result.damaged.isEmpty else {
            throw RucheError(
                .corruptContent,
                "\(HumanText.count(result.damaged.count, "blob")) of \(result.blobs) damaged and set aside: build, push or import the releases again"
            )
        }
        context.output.line(
            "\(HumanText.count(result.blobs, "blob")), \(HumanText.size(result.bytes)): no damage", .green)
    }
}
