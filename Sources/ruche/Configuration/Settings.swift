import RucheBuild
import RucheClient
import RucheCore
import RucheHost
import RucheService
import SystemPackage

/// The effective settings: flags, then the environment, then files, then what the code says.
struct Settings: Sendable {
    enum Origin: Hashable, Sendable, CustomStringConvertible {
        case flag(String)
        case environment(String)
        case file(FilePath)
        case standard

        var description: String {
            switch self {
            case .flag(let name): name
            case .environment(let name): name
            case .file(let path): path.string
            case .standard: "default"
            }
        }
    }

    struct Value: Hashable, Sendable {
        var text: String
        var origin: Origin
    }

    private(set) var values: [SettingKey: Value] = [:]
    let data: FilePath
    let server: ServerAddress?
    let baseMaxAge: Int?
    let slots: Int?
    let hostNames: [String]
    /// Other sites by the names that the most important file that has any gives them.
    let sites: [String: SiteSettings]
    /// Engines besides the built-in one: the list of the most important file that has one.
    let engines: [EngineSettings]
    var defaultEngine: String? { values[.defaultEngine]?.text }
    let dockerfiles: DockerfileBuilderConfiguration
    let allowsPrivateWebhooks: Bool
    let records: RecordConfiguration
    var mirror: String? { values[.mirror]?.text }
    var snapshotURL: String? { values[.snapshotURL]?.text }
    var proxies: [String: String] { environment.proxies }
    var packerUser: String? { values[.packerUser]?.text }
    var packerSecrets: FilePath? { values[.packerSecrets].map { environment.absolute($0.text) } }

    private let environment: ProcessEnvironment

    /// Throws `invalid_input` for a value that does not fit, naming where it came from.
    init(flags: [SettingKey: String], environment: ProcessEnvironment, files: [SettingsFile]) throws {
        self.environment = environment
        engines = files.last { $0.engines != nil }?.engines ?? []
        sites = files.last { $0.sites != nil }?.sites ?? [:]
        for key in SettingKey.allCases {
            if let text = flags[key] {
                values[key] = Value(text: text, origin: .flag("--" + key.rawValue.replacing("_", with: "-")))
            } else if let text = environment[key.environmentName] {
                values[key] = Value(text: text, origin: .environment(key.environmentName))
            } else if let file = files.last(where: { $0.values[key] != nil }), let text = file.values[key] {
                values[key] = Value(text: text, origin: .file(file.path))
            }
        }
        let standard = Value(
            text: try Self.standardData(environment, isNeeded: values[.data] == nil), origin: .standard)
        let chosen = values[.data] ?? standard
        data = environment.absolute(chosen.text)
        values[.data] = Value(text: data.string, origin: chosen.origin)
        do { server = try values[.server].map { try ServerAddress(parsing: $0.text) } } catch let error as RucheError {
            let origin = values[.server]?.origin.description ?? ""
            throw RucheError(error.code, "\(error.message) (from \(origin))")
        }
        baseMaxAge = try Self.number(values[.baseMaxAge], .baseMaxAge)
        slots = try Self.number(values[.slots], .slots)
        hostNames = try values[.hostNames].map { try HostNames.parse($0.text, from: $0.origin.description) } ?? []
        dockerfiles = try Self.dockerfiles(values)
        allowsPrivateWebhooks = try Self.flag(values[.webhookAllowPrivate], .webhookAllowPrivate)
        records = try Self.records(values, environment)
    }

    /// The files that exist, least important first.
    static func files(_ environment: ProcessEnvironment) throws -> [SettingsFile] {
        var paths: [FilePath] = ["/etc/ruche/ruche.yaml"]
        if let folder = environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map({ $0 + "/.config" }) {
            paths.append(FilePath(folder).appending("ruche").appending("config.yaml"))
        }
        return try paths.compactMap { try SettingsFile.load($0) }
    }

    /// The token for a server over the network: of the environment, else of the token file. Never of an argument.
    func token() throws -> String? {
        if case .flag? = values[.tokenFile]?.origin {} else if let token = environment["RUCHE_TOKEN"] { return token }
        guard let value = values[.tokenFile] else { return nil }
        let path = environment.absolute(value.text)
        do {
            let text = String(decoding: try AtomicFile.read(path, limit: 4096), as: UTF8.self)
            return text.split(whereSeparator: \.isWhitespace).first.map(String.init)
        } catch {
            throw RucheError(
                .invalidInput, "can't read the token file \(path) (from \(value.origin)): \(error)", cause: error)
        }
    }

    /// What is trusted besides the machine's own authorities.
    func authorities() throws -> TrustedAuthorities? {
        try values[.caFile].map { try TrustedAuthorities(file: environment.absolute($0.text)) }
    }

    private static func standardData(_ environment: ProcessEnvironment, isNeeded: Bool) throws -> String {
        guard isNeeded else { return "" }
        if environment.isRoot { return "/var/lib/ruche" }
        if let folder = environment["XDG_DATA_HOME"] ?? environment["HOME"].map({ $0 + "/.local/share" }) {
            return folder + "/ruche"
        }
        throw RucheError(.invalidInput, "there is no home folder to keep data in; name a folder with --data")
    }

    private static func number(_ value: Value?, _ key: SettingKey) throws -> Int? {
        guard let value else { return nil }
        guard let number = Int(value.text), number > 0 else {
            throw RucheError(
                .invalidInput,
                "\(key.rawValue) is \"\(value.text)\" (from \(value.origin)); write a whole number from 1")
        }
        return number
    }

    private static func flag(_ value: Value?, _ key: SettingKey) throws -> Bool {
        switch value?.text {
        case nil, "false", "no", "0": return false
        case "true", "yes", "1": return true
        case let text?:
            throw RucheError(
                .invalidInput,
                "\(key.rawValue) is \"\(text)\" (from \(value?.origin.description ?? "")); write true or false")
        }
    }
}
