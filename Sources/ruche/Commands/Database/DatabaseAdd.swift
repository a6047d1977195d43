import ArgumentParser
import RucheClient
import RucheCore
import RucheWire
import SystemPackage

struct DatabaseAdd: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Copy a folder as a version of a reference database.",
        discussion: """
            Example:
              ruche database add hg19:2009 /srv/genomes/hg19
            """)

    @Argument(help: "NAME:VERSION", transform: Arguments.database)
    var database: DatabaseReference

    @Argument(help: "The folder, on the server's machine.", completion: .directory)
    var folder: String

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        guard let version = database.version else {
            throw RucheError(.invalidInput, "a reference database has a version: say \(database.name):VERSION")
        }
        let request = DatabaseRequest(
            name: database.name, version: version, folder: context.environment.absolute(folder).string)
        let result = try await context.withClient { client in
            try await client.finish(try await client.addDatabase(request))
        }
        let added = try OperationEnd.result(of: result, as: DatabaseDocument.self)
        try context.output.json(added)
        context.output.quiet(added.digest.description)
        context.output.line(
            "\(added.name):\(added.version)  \(HumanText.count(Int(added.files), "file")), "
                + "\(HumanText.size(added.size))  \(added.digest)")
    }
}
