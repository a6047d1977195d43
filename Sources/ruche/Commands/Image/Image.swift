import ArgumentParser

struct Image: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at and change the catalogue of releases.",
        discussion: """
            Examples:
              ruche image list
              ruche image show lab/variant-calling
              ruche image tag lab/variant-calling:1.0.0 stable
            """,
        subcommands: [
            ImageList.self, ImageShow.self, ImageDOI.self, ImageHistory.self, ImageTag.self, ImageExport.self,
            ImageImport.self,
            ImageRevoke.self, ImageRemove.self, ImageDiff.self,
        ],
        aliases: ["images"])
}
