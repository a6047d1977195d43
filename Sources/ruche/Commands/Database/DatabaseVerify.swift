import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct DatabaseVerify: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read a reference database again and compare its digest.",
        discussion: """
            Example:
              ruche database verify hg19
            """)

    @Argument(help: "NAME[:VERSION]", transform: Arguments.database)
    var database: DatabaseReference

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let result = try await context.withClient { client in
            try await client.finish(try await client.verifyDatabase(try await client.database(database)))
        }
        let found = try OperationEnd.result(of: result, as: DatabaseDocument.self)
        try context.output.json(found)
        context.output.quiet(found.digest.description)
        context.output.line("\(found.name):\(found.version) is whole: \(HumanText.count(Int(found.files), "file"))")
    }
}
