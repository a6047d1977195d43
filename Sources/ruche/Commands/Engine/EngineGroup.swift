import ArgumentParser

struct EngineGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine", abstract: "See what can execute jobs and start instances here.",
        discussion: """
            Example:
              ruche engine check
            """,
        subcommands: [EngineList.self, EngineCheck.self], aliases: ["engines"])
}
