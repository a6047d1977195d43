package import SystemPackage

/// Where a builder works and what it takes from the machine. Nothing else of the machine is read.
package struct BuilderConfiguration: Sendable {
    /// The data directory.
    package var data: FilePath
    /// Debian mirror for recipes that name none; nil means the mirror in the machine's own apt sources.
    package var mirror: String?
    /// URL of a snapshot service; `{timestamp}` becomes `YYYYMMDDTHHMMSSZ`, and `{archive}`, when it is
    /// there, `debian` and `debian-security` in turn. Nil: recipes that ask for a snapshot can't be built.
    package var snapshotURL: String?
    /// Snapshot for recipes that name none.
    package var snapshot: String?
    /// Days before a `debian:` base is made again, for recipes that do not say.
    package var baseMaxAge = 30
    /// Debian's name of the machine's architecture.
    package var architecture = "amd64"
    /// `http_proxy`, `https_proxy`, `no_proxy` for steps with network.
    package var proxies: [String: String] = [:]
    /// Certificates that steps with network trust besides those of the image.
    package var certificates: FilePath = "/etc/ssl/certs/ca-certificates.crt"
    package var resolver: FilePath = "/etc/resolv.conf"
    /// A pip configuration for pip steps, such as one that names the index of an institute.
    package var pipConfiguration: FilePath?
    /// The folder with the machine's own apt sources.
    package var aptFolder: FilePath = "/etc/apt"

    /// The account of this machine that runs templates of Packer.
    package var packerUser: String?
    /// Whether they run as nobody where no account is named: not where strangers' recipes are built.
    package var runsPackerAsNobody = true
    /// The file with values of variables that only the operator knows.
    package var packerSecrets: FilePath?

    package init(data: FilePath) { self.data = data }

    var cache: FilePath { data.appending("cache") }
    var work: FilePath { cache.appending("work") }
}
