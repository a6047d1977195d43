import ArgumentParser

struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See the configuration.", subcommands: [ConfigShow.self])
}
