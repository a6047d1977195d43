import ArgumentParser

struct Image: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Look at and change the catalogue of releases.",
        discussion: """
            Examples:
              ruche release list
              ruche release show lab/variant-calling
              ruche release tag lab/variant-calling:1.0.0 stable
            """,
        subcommands: [
            ImageList.self, ImageShow.self, ReleaseFiles.self, ReleaseSoftware.self, ReleaseDrafts.self,
            ReleasePublish.self, ImageDOI.self, ImageHistory.self, ImageTag.self, ImageExport.self, ImageImport.self,
            ImageRevoke.self, ImageRemove.self, ImageDiff.self,
        ],
        aliases: ["releases", "image", "images"])
}
