import ArgumentParser

struct ExportGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write what makes or starts an environment with other programs.",
        discussion: """
            Images and disks themselves are written by "ruche release export".

            Examples:
              ruche export vagrant lab/desktop -o desktop
              ruche export packer lab/desktop -o desktop
              ruche export ansible lab/desktop -o desktop
            """,
        subcommands: [ExportVagrant.self, ExportPacker.self, ExportAnsible.self])
}
