import ArgumentParser

struct Image: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at and change the catalogue of releases.",
        subcommands: [
            ImageList.self, ImageShow.self, ImageHistory.self, ImageTag.self, ImageExport.self, ImageImport.self,
            ImageRemove.self, ImageDiff.self,
        ],
        aliases: ["images"])
}
