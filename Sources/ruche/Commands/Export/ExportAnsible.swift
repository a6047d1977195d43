import ArgumentParser
import RucheCore

struct ExportAnsible: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "ansible",
        abstract: "Write a playbook that makes an environment on machines.",
        discussion: """
            The folder has the files of the recipe, and of those it starts from, and ruche-playbook.yml, which ends \
            with the recipe's tests.

            Examples:
              ruche export ansible lab/desktop -o desktop
              cd desktop && ansible-playbook -i machine.example.org, --become ruche-playbook.yml
            """)

    @OptionGroup var options: ExportOptions

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        try await options.write(context) { AnsibleExport.project($0) }
    }
}
