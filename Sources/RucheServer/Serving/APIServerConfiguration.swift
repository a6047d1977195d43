import RucheCore
package import RucheService
package import SystemPackage

/// Where an API server listens and whom it lets in.
package struct APIServerConfiguration: Sendable {
    package struct Address: Hashable, Sendable, CustomStringConvertible {
        package var host: String
        /// 0 lets the system choose.
        package var port: Int
        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// The private socket (mode 0600). Its folder is made with mode 0700, or must be private already.
    package var privateSocket: FilePath?
    /// The socket for jobs (mode 0666), which is mounted into their containers.
    package var jobSocket: FilePath?
    package var network: Address?
    /// With it the network listener speaks TLS and nothing else.
    package var certificate: ServerCertificate?
    /// Sends who comes without TLS to where it is spoken.
    package var redirect: Address?
    /// What `Authorization: Bearer` must carry over the network.
    package var token: AccessToken?
    /// Who else may come in over the network.
    package var accounts: AccountService?
    /// Below which paths things have owners.
    package var owned: [OwnedPath] = []
    /// What the registry's short-lived tokens are signed with.
    package var grants = RegistryGrants()
    /// Which environments anybody may see.
    package var visibility: ReleaseVisibility?
    /// Names besides addresses and `localhost` that people reach the network listener by.
    package var hostNames: [String] = []
    /// How long open requests may go on after a shutdown began.
    package var shutdownGrace: Duration = .seconds(2)
    /// A connection that sends nothing for so long while a request is expected or read is closed.
    package var idleTimeout: Duration = .seconds(60)
    /// Each client that follows events holds one.
    package var maximumConnections = 4096
    /// Where requests are counted.
    package var metrics = RequestMetrics()

    package init() {}
}

/// What a server listens on once every listener is bound.
package struct ListeningAddresses: Hashable, Sendable {
    package var privateSocket: FilePath?
    package var jobSocket: FilePath?
    package var network: APIServerConfiguration.Address?
    package var redirect: APIServerConfiguration.Address?
    package init() {}
}
