import ArgumentParser

/// Options of every command.
struct GlobalOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Data directory (RUCHE_DATA).", valueName: "dir"), completion: .directory)
    var data: String?

    @Option(name: .long, help: ArgumentHelp("Talk to this server instead (RUCHE_URL).", valueName: "url"))
    var server: String?

    @Option(
        name: .long, help: ArgumentHelp("File with the server's token (or RUCHE_TOKEN).", valueName: "file"),
        completion: .file())
    var tokenFile: String?

    @Flag(name: .long, help: "Print JSON: the documents of the API.")
    var json = false

    @Flag(name: [.short, .long], help: "Print identifiers only.")
    var quiet = false

    @Flag(name: .long, help: "No colours (NO_COLOR).")
    var noColor = false

    func validate() throws {
        if json && quiet { throw ValidationError("--json and --quiet exclude each other") }
    }

    var flags: [SettingKey: String] {
        var flags: [SettingKey: String] = [:]
        flags[.data] = data
        flags[.server] = server
        flags[.tokenFile] = tokenFile
        return flags
    }

    var format: Output.Format { json ? .json : quiet ? .quiet : .text }
}
