import ArgumentParser
import RucheCore
import RucheWire

struct Verify: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read everything in the catalogue and compare it with its digest.",
        discussion: """
            Ends with 12 when anything is corrupt or missing, and names it.

            Example:
              ruche verify
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let result = try await MaintenanceRun.run(
            "verify", label: "verifying", as: VerificationDocument.self, context)
        try context.output.json(result)
        for digest in result.corrupt {
            context.output.quiet(digest.description)
            context.output.line("corrupt: \(digest)", .red)
        }
        for digest in result.missing {
            context.output.quiet(digest.description)
            context.output.line("missing: \(digest)", .red)
        }
        for release in result.releases { context.output.line("damaged: \(release)", .red) }
        for problem in result.problems { context.output.line("unreadable: \(problem)", .red) }
        let bad = result.corrupt.count + result.missing.count
        guard bad == 0, result.problems.isEmpty else {
            throw RucheError(
                .corruptContent,
                "\(bad) of \(HumanText.count(result.blobs, "blob")) corrupt or missing, \(HumanText.count(result.problems.count, "release")) unreadable; build or import the releases again"
            )
        }
        context.output.line(
            "\(HumanText.count(result.blobs, "blob")), \(HumanText.size(result.bytes)): all as their digests say",
            .green)
    }
}
