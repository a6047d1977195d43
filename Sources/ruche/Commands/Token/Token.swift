import ArgumentParser

struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make tokens for programs, list and revoke them.",
        discussion: """
            A token may do what its user may, of that only what it was made for.

            Examples:
              ruche token new sequencer --right read --right run --owner lab --expires 30d
              ruche token list
              ruche token revoke 01hxyzabcdefghjkmnpqrstvwx
            """,
        subcommands: [TokenNew.self, TokenList.self, TokenRevoke.self],
        aliases: ["tokens"])
}
