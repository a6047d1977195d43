import ArgumentParser

struct ImportGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Bring in boxes that are kept elsewhere, and projects of other programs.",
        discussion: """
            Examples:
              ruche import vagrant-cloud lab/small
              ruche import vagrant-metadata https://example.org/boxes/metadata.json
              ruche import box small.box --as lab/small:1.0.0
              ruche import project jupyterhub-vm
              ruche import packer windows10/template.json --as lab/windows:10.1

            Disks and appliances come in with "ruche release import".
            """,
        subcommands: [
            ImportVagrantCloud.self, ImportVagrantMetadata.self, ImportBox.self, ImportProject.self, ImportPacker.self,
        ])
}
