import ArgumentParser

struct Environment: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env",
        abstract: "Say what environments are, and who may see them.",
        discussion: """
            An environment is private until it is made public: then anybody may fetch its releases, without an account.

            Examples:
              ruche env list
              ruche env set lab/variant-calling --public --summary "Calls variants of a small genome"
              ruche env show lab/variant-calling
            """,
        subcommands: [
            EnvironmentList.self, EnvironmentShow.self, EnvironmentAdd.self, EnvironmentSet.self,
            EnvironmentRemove.self,
        ],
        aliases: ["envs", "environment"])
}
