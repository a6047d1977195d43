import ArgumentParser

struct DatabaseGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "database",
        abstract: "Keep reference databases that jobs read.",
        discussion: """
            Examples:
              ruche database add hg19:2009 /srv/genomes/hg19
              ruche run lab/variant-calling -i data/* --database hg19
            """,
        subcommands: [
            DatabaseAdd.self, DatabaseList.self, DatabaseShow.self, DatabaseVerify.self, DatabaseRemove.self,
        ],
        aliases: ["databases"])
}
