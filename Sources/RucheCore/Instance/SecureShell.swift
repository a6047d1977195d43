/// How one logs in to an instance: arguments of ssh, with nothing of the user's own settings.
package struct SecureShell: Hashable, Sendable {
    /// Folder of the instance, which holds its key and the known host key.
    package var folder: String
    /// What its host key is known under, whatever port it has.
    package var alias: String
    package var port: Int
    package var user: String

    package static let keyFile = "id_ed25519"
    package static let knownHostsFile = "known_hosts"

    package init(folder: String, alias: String, port: Int, user: String) {
        self.folder = folder
        self.alias = alias
        self.port = port
        self.user = user
    }

    /// The name that host keys of an instance are known under.
    package static func alias(_ id: Identifier) -> String { "ruche-\(id)" }

    /// The instance that has the alias; nil for what is nobody's.
    package static func instance(_ alias: some StringProtocol) -> Identifier? {
        guard let id = Identifier(alias.dropFirst(6)), self.alias(id) == alias else { return nil }
        return id
    }

    /// `isPinned` says that the host key is known already: another one is refused. `options` go before the host.
    package func arguments(isPinned: Bool, options: [String], command: [String]) -> [String] {
        let settings = [
            "IdentitiesOnly=yes", "IdentityAgent=none", "PasswordAuthentication=no",
            "UserKnownHostsFile=\"\(folder)/\(Self.knownHostsFile)\"", "GlobalKnownHostsFile=/dev/null",
            "HostKeyAlias=\(alias)", "StrictHostKeyChecking=\(isPinned ? "yes" : "accept-new")", "LogLevel=ERROR",
            "ServerAliveInterval=30", "ConnectTimeout=60",
        ]
        return ["-F", "none", "-i", "\(folder)/\(Self.keyFile)", "-p", String(port)]
            + settings.flatMap { ["-o", $0] } + options + ["\(user)@\(PortPublication.loopback)"] + command
    }
}
