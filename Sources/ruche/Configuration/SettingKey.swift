/// A setting, by its key in a configuration file.
enum SettingKey: String, CaseIterable, Sendable {
    case data, server
    case tokenFile = "token_file"
    case mirror
    case snapshotURL = "snapshot_url"
    case baseMaxAge = "base_max_age"
    case slots
    case hostNames = "host_names"
    case defaultEngine = "default_engine"

    var environmentName: String {
        switch self {
        case .data: "RUCHE_DATA"
        case .server: "RUCHE_URL"
        case .tokenFile: "RUCHE_TOKEN_FILE"
        case .mirror: "RUCHE_MIRROR"
        case .snapshotURL: "RUCHE_SNAPSHOT_URL"
        case .baseMaxAge: "RUCHE_BASE_MAX_AGE"
        case .slots: "RUCHE_SLOTS"
        case .hostNames: "RUCHE_HOST_NAMES"
        case .defaultEngine: "RUCHE_DEFAULT_ENGINE"
        }
    }

    var meaning: String {
        switch self {
        case .data: "data directory: catalogue, caches, jobs"
        case .server: "server to talk to; none means the one inside this program"
        case .tokenFile: "file with the token for a server over the network"
        case .mirror: "Debian mirror that bases and packages come from"
        case .snapshotURL: "snapshot service that \"snapshot:\" of a recipe refers to"
        case .baseMaxAge: "days before a cached base is made again"
        case .slots: "jobs that run at the same time"
        case .hostNames: "names besides localhost that \"ruche serve --listen\" answers to, separated by commas"
        case .defaultEngine: "engine of jobs that ask for none: oci-runtime, or one of the key \"engines\""
        }
    }

    var isNumber: Bool { self == .baseMaxAge || self == .slots }
}
