import ArgumentParser
import RucheCore

struct Check: RucheCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a recipe: every problem at once, each with its place.",
        discussion: """
            Nothing is downloaded or started, and no server is asked. Ends with 2 when there is a problem.

            Examples:
              ruche check examples/variant-calling
              ruche check ruche.yaml --json
            """)

    @Argument(help: "A recipe, or a folder with ruche.yaml.", completion: .file())
    var recipe: String = "."

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let output = context.output
        do {
            let source = try RecipeSource.load(recipe, context.environment)
            try output.json([Problem]())
            output.line("\(source.summary): no problem", .green)
        } catch let error as RucheError where !error.problems.isEmpty {
            try output.json(error.problems)
            for problem in error.problems {
                output.quiet(Self.place(problem))
                output.line("\(problem)")
            }
            let total = error.details["problems"].flatMap { Int($0) } ?? error.problems.count
            output.note(HumanText.count(total, "problem"), .red)
            throw ExitCode(ExitClass(error.code).rawValue)
        }
    }

    private static func place(_ problem: Problem) -> String {
        [problem.file, problem.line.map(String.init), problem.column.map(String.init)]
            .compactMap(\.self).joined(separator: ":")
    }
}
