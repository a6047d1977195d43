import ArgumentParser

struct Catalogue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Maintain the index of the catalogue.",
        discussion: """
            Example:
              ruche catalogue rebuild
            """, subcommands: [CatalogueRebuild.self])
}
