import ArgumentParser

struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See the configuration.",
        discussion: """
            Example:
              ruche config show
            """, subcommands: [ConfigShow.self])
}
