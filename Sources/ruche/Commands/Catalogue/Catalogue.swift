import ArgumentParser

struct Catalogue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Maintain the index of the catalogue.", subcommands: [CatalogueRebuild.self])
}
