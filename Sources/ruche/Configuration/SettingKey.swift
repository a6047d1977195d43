/// A setting, by its key in a configuration file.
enum SettingKey: String, CaseIterable, Sendable {
    case data, server
    case tokenFile = "token_file"
    case caFile = "ca_file"
    case mirror
    case snapshotURL = "snapshot_url"
    case baseMaxAge = "base_max_age"
    case slots
    case hostNames = "host_names"
    case tlsCertificate = "tls_certificate"
    case tlsKey = "tls_key"
    case defaultEngine = "default_engine"
    case dockerBuilder = "docker_builder"
    case dockerBuilderHost = "docker_builder_host"
    case dockerBuilderNetwork = "docker_builder_network"
    case packerUser = "packer_user"
    case packerSecrets = "packer_secrets"
    case webhookAllowPrivate = "webhook_allow_private"
    case naan
    case publicURL = "public_url"
    case publisher
    case adminEmail = "admin_email"
    case doiURL = "doi_url"
    case doiPrefix = "doi_prefix"
    case doiAccount = "doi_account"
    case doiPasswordFile = "doi_password_file"

    var environmentName: String {
        switch self {
        case .data: "RUCHE_DATA"
        case .server: "RUCHE_URL"
        case .tokenFile: "RUCHE_TOKEN_FILE"
        case .caFile: "RUCHE_CA_FILE"
        case .mirror: "RUCHE_MIRROR"
        case .snapshotURL: "RUCHE_SNAPSHOT_URL"
        case .baseMaxAge: "RUCHE_BASE_MAX_AGE"
        case .slots: "RUCHE_SLOTS"
        case .hostNames: "RUCHE_HOST_NAMES"
        case .tlsCertificate: "RUCHE_TLS_CERTIFICATE"
        case .tlsKey: "RUCHE_TLS_KEY"
        case .defaultEngine: "RUCHE_DEFAULT_ENGINE"
        case .dockerBuilder: "RUCHE_DOCKER_BUILDER"
        case .dockerBuilderHost: "RUCHE_DOCKER_BUILDER_HOST"
        case .dockerBuilderNetwork: "RUCHE_DOCKER_BUILDER_NETWORK"
        case .packerUser: "RUCHE_PACKER_USER"
        case .packerSecrets: "RUCHE_PACKER_SECRETS"
        case .webhookAllowPrivate: "RUCHE_WEBHOOK_ALLOW_PRIVATE"
        case .naan: "RUCHE_NAAN"
        case .publicURL: "RUCHE_PUBLIC_URL"
        case .publisher: "RUCHE_PUBLISHER"
        case .adminEmail: "RUCHE_ADMIN_EMAIL"
        case .doiURL: "RUCHE_DOI_URL"
        case .doiPrefix: "RUCHE_DOI_PREFIX"
        case .doiAccount: "RUCHE_DOI_ACCOUNT"
        case .doiPasswordFile: "RUCHE_DOI_PASSWORD_FILE"
        }
    }

    var meaning: String {
        switch self {
        case .data: "data directory: catalogue, caches, jobs"
        case .server: "server to talk to; none means the one inside this program"
        case .tokenFile: "file with the token for a server over the network"
        case .caFile: "PEM file of authorities to trust besides the machine's, for servers with https://"
        case .mirror: "Debian mirror that bases and packages come from"
        case .snapshotURL: "snapshot service that \"snapshot:\" of a recipe refers to"
        case .baseMaxAge: "days before a cached base is made again"
        case .slots: "jobs that run at the same time"
        case .hostNames: "names besides localhost that \"ruche serve --listen\" answers to, separated by commas"
        case .tlsCertificate: "PEM file with the certificate, and those above it, of \"ruche serve --listen\""
        case .tlsKey: "PEM file with its key"
        case .defaultEngine: "engine of jobs that ask for none: oci-runtime, or one of the key \"engines\""
        case .dockerBuilder: "what builds the Dockerfiles of pipeline packages: buildah or docker"
        case .dockerBuilderHost: "address of the Docker engine that builds them, as DOCKER_HOST has it"
        case .dockerBuilderNetwork: "true lets these builds reach the network and pull bases"
        case .packerUser: "account that runs templates of Packer; none: nobody, and not for a server on a network"
        case .packerSecrets: "file (JSON) with secrets for these templates, which nobody else may read"
        case .webhookAllowPrivate: "whether webhooks may be on this machine and its networks, and in the clear"
        case .naan: "number of the authority in persistent identifiers (ARK); 99999, which is for tests, until then"
        case .publicURL: "address by which everybody reaches the server, for what is cited: http(s)://HOST[:PORT]"
        case .publisher: "who publishes the catalogue, in citations and records"
        case .adminEmail: "address that harvesters of the catalogue are told (OAI-PMH)"
        case .doiURL:
            "where DOIs are registered: a service that speaks like DataCite's, such as https://api.datacite.org"
        case .doiPrefix: "prefix of these DOIs, such as 10.5072"
        case .doiAccount: "account at that service"
        case .doiPasswordFile: "file with its password, which nobody else may read"
        }
    }

    var isNumber: Bool { self == .baseMaxAge || self == .slots }
}
