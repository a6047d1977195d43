import ArgumentParser

struct FileGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "file",
        abstract: "Upload, list and fetch files.",
        discussion: """
            Examples:
              ruche file upload genome.fa
              ruche file list
              ruche run lab/variant-calling --input file:01hxyzabcdefghjkmnpqrstvwx
            """,
        subcommands: [
            FileUpload.self, FileList.self, FileShow.self, FileDownload.self, FileRename.self, FileRemove.self,
            FileUsage.self,
        ],
        aliases: ["files"])
}
