import RucheCore
package import SystemPackage

/// Where an engine's REST API answers.
package enum EngineAddress: Hashable, Sendable, CustomStringConvertible {
    case unix(FilePath)
    /// `host:port`; with TLS when there are settings of it.
    case network(String, EngineTLS?)

    package var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .network(let authority, let tls): "\(tls == nil ? "http" : "https")://\(authority)"
        }
    }

    /// The URL of a request target such as `/info?x=y`.
    func url(_ target: String) -> String {
        switch self {
        case .unix(let path): "http+unix://\(PercentEncoding.encode(path.string))\(target)"
        case .network: description + target
        }
    }
}
