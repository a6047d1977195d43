import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import SystemPackage

/// The other site of a command, and how it is reached. Its token never comes as an argument.
struct OtherSite: ParsableArguments {
    static let variable = "RUCHE_SITE_TOKEN"

    @Argument(help: "The other site: its address, or its name under \"sites\" of the configuration.")
    var site: String?

    @Option(
        help: ArgumentHelp(
            "File with the other site's token (or RUCHE_SITE_TOKEN, or \"ruche login\").", valueName: "file"),
        completion: .file())
    var siteTokenFile: String?

    /// Throws `invalid_input` for what is neither. `implied` is what other arguments say of it.
    func connection(_ context: CommandContext, implied: String? = nil) throws -> RemoteConnection {
        guard let site = site ?? implied else {
            throw ValidationError("name the other site: its address, or its name under \"sites\" of the configuration")
        }
        let known = context.settings.sites[site]
        let address: ServerAddress
        do { address = try ServerAddress(parsing: known?.url ?? site) } catch let error as RucheError {
            let names = context.settings.sites.keys.sorted().joined(separator: ", ")
            throw RucheError(
                error.code,
                "\"\(known?.url ?? site)\" is no address of a site, such as https://ruche.example.org"
                    + (known != nil
                        ? "" : ", and no name of the configuration (\(names.isEmpty ? "it has none" : names))"))
        }
        return RemoteConnection(
            address: address, token: address.isLocal ? nil : try token(address, known, context),
            authorities: try context.settings.authorities())
    }

    private func token(
        _ address: ServerAddress, _ known: SiteSettings?, _ context: CommandContext
    ) throws -> String? {
        if let siteTokenFile { return try Self.read(siteTokenFile, context) }
        if let token = context.environment[Self.variable] { return token }
        if let file = known?.tokenFile { return try Self.read(file, context) }
        return try StoredToken(address, context.environment)?.read()
    }

    /// The first word of a file.
    static func read(_ file: String, _ context: CommandContext) throws -> String? {
        let path = context.environment.absolute(file)
        do {
            let text = String(decoding: try AtomicFile.read(path, limit: 4096), as: UTF8.self)
            return text.split(whereSeparator: \.isWhitespace).first.map(String.init)
        } catch {
            throw RucheError(.invalidInput, "can't read the token file \(path): \(error)", cause: error)
        }
    }
}
