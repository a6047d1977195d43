import RucheCore
package import SystemPackage

/// Where a server answers.
package enum ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// A Unix socket whose file permissions are the access control.
    case unix(FilePath)
    /// `http://host:port` or `https://host:port`, without a trailing slash.
    case url(String)

    /// Reads `http://…`, `https://…`, `unix:/path` or an absolute path. Throws `invalid_input`.
    package init(parsing text: String) throws {
        if text.hasPrefix("/") {
            self = .unix(FilePath(text))
        } else if text.hasPrefix("unix:/") {
            self = .unix(FilePath(String(text.dropFirst(5))))
        } else if let match = text.wholeMatch(of: /(https?:\/\/[^\/?#@\s]+)\/*/) {
            self = .url(String(match.output.1))
        } else {
            throw RucheError(
                .invalidInput,
                "\"\(text)\" is not a server: write http://host:port, https://host:port or unix:/path/to/socket")
        }
    }

    /// Whether paths of this machine mean the same to the server.
    package var isLocal: Bool { if case .unix = self { true } else { false } }

    package var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .url(let url): url
        }
    }

    /// The address of a request target such as `/api/v1/jobs?limit=5`.
    func request(_ target: String) -> String {
        switch self {
        case .unix(let path): "http+unix://\(PercentEncoding.encode(path.string))\(target)"
        case .url(let url): url + target
        }
    }
}
