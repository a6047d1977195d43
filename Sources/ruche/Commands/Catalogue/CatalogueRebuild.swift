import ArgumentParser
import RucheCore

struct CatalogueRebuild: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make the index of releases and jobs again from what is on disk.",
        discussion: """
            The content and the folders of jobs are the truth; the database is an index over them that may be \
            lost. Jobs that it does not know come back as their run.json tells of them.

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
        if let jobs = result["jobs"]?.doubleValue, jobs > 0 {
            context.output.line("\(HumanText.count(Int(jobs), "job")) came back from their records", .green)
        }
    }
}
