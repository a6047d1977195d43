import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct ExportVagrant: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "vagrant",
        abstract: "Write a Vagrantfile that starts an environment from its catalogue.",
        discussion: """
            The address in it is the server's that is asked: name the one that others reach.

            Examples:
              ruche export vagrant lab/desktop:1.0.0 -o desktop --server https://ruche.example.org
              cd desktop && vagrant up
            """)

    @OptionGroup var options: ExportOptions

    @Option(
        help: ArgumentHelp("Address of the catalogue, when it is not the server's that is asked.", valueName: "url"))
    var address: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        var known = address
        if case .url(let url)? = context.settings.server { known = known ?? url }
        guard let address = known else {
            throw RucheError(
                .invalidInput, "a Vagrantfile needs the address of a server: give --address https://…, or --server")
        }
        let release = options.release
        try await options.write(context) { client, _ in
            let exact = try await client.exact(try await release.release(client))
            let document = try await client.release(exact)
            guard document.variants.contains(where: { $0.provider != nil }) else {
                throw RucheError(
                    .notFound,
                    "\(exact) has no Vagrant box: add \"vagrant/libvirt\" or \"vagrant/virtualbox\" to the recipe's variants"
                )
            }
            let base = address.hasSuffix("/") ? String(address.dropLast()) : address
            return VagrantExport.project(
                name: exact.name, version: document.summary.version, address: "\(base)/\(exact.name)",
                machine: document.recipe?.machine, service: document.recipe?.service)
        }
    }
}
