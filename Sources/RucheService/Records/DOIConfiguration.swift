import RucheCore
package import SystemPackage

/// Where DOIs are registered: DataCite's REST interface, or what speaks like it.
package struct DOIConfiguration: Sendable, Hashable {
    /// Without a slash at its end, such as `https://api.datacite.org`.
    package var url: String
    /// `10.NUMBER`, which the agency assigned.
    package var prefix: String
    package var account: String
    /// Read at each attempt, so that it can be changed. Nobody but its owner may read it.
    package var passwordFile: FilePath

    package init(url: String, prefix: String, account: String, passwordFile: FilePath) {
        self.url = url
        self.prefix = prefix
        self.account = account
        self.passwordFile = passwordFile
    }
}
