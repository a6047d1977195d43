import ArgumentParser
import RucheCore

struct ExportPacker: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "packer",
        abstract: "Write a template for Packer 1.6 that makes an environment.",
        discussion: """
            The folder has the files of the recipe, and of those it starts from, and ruche-packer.json, which makes a \
            container image, and a machine where the recipe has one.

            Examples:
              ruche export packer lab/desktop -o desktop
              cd desktop && packer build ruche-packer.json
            """)

    @OptionGroup var options: ExportOptions

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await options.write(context) { try PackerExport.project($0) }
    }
}
