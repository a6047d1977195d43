import ArgumentParser

struct ImportGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring in boxes that are kept elsewhere.",
        subcommands: [ImportVagrantCloud.self, ImportVagrantMetadata.self, ImportBox.self])
}
