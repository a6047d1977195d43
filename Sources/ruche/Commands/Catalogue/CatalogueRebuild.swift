import ArgumentParser
import RucheCore

struct CatalogueRebuild: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make the index of the catalogue again from its content.",
        discussion: """
            The content is the truth; the database is an index over it that may be lost.

            Example:
              ruche catalogue rebuild
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let result = try await MaintenanceRun.run("rebuild", label: "rebuilding", as: JSONValue.self, context)
        try context.output.json(result)
        for problem in result["problems"]?.arrayValue ?? [] {
            context.output.warn("left out: \(problem.stringValue ?? "?")", .yellow)
        }
        let releases = result["releases"]?.doubleValue.map { HumanText.count(Int($0), "release") }
        context.output.line("the index is new" + (releases.map { ": \($0)" } ?? ""), .green)
    }
}
