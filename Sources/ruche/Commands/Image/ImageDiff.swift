import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct ImageDiff: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two releases: packages, files, size.",
        discussion: """
            Example:
              ruche release diff lab/variant-calling:1.0.0 lab/variant-calling:1.1.0
            """)

    @Argument(help: "owner/name:version", transform: Arguments.release)
    var from: ReleaseReference

    @Argument(help: "owner/name:version", transform: Arguments.release)
    var to: ReleaseReference

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let diff = try await context.withClient { try await $0.diff(from: from, to: to) }
        try context.output.json(diff)
        for change in diff.packages { context.output.quiet("\(change.system):\(change.name)") }
        for change in diff.files { context.output.quiet(change.path) }
        show(diff, context.output)
    }

    private func show(_ diff: DiffDocument, _ output: Output) {
        for change in diff.packages {
            let text = "\(change.system) \(change.name) "
            switch (change.before, change.after) {
            case (let before?, let after?): output.line("~ \(text)\(before) -> \(after)", .yellow)
            case (nil, let after): output.line("+ \(text)\(after ?? "")", .green)
            case (let before?, nil): output.line("- \(text)\(before)", .red)
            }
        }
        for change in diff.files {
            switch change.kind {
            case .added: output.line("+ \(change.path) (\(HumanText.size(change.sizeAfter ?? 0)))", .green)
            case .removed: output.line("- \(change.path)", .red)
            case .changed: output.line("~ \(change.path)", .yellow)
            }
        }
        output.line(
            "\(HumanText.count(diff.packages.count, "package")) and \(HumanText.count(diff.files.count, "file")) differ; "
                + "\(HumanText.size(diff.sizeBefore)) -> \(HumanText.size(diff.sizeAfter))", .bold)
    }
}
