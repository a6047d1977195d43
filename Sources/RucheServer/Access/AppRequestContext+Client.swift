import Hummingbird

extension AppRequestContext {
    /// A proxy on this machine says for whom it asks; from anywhere else that would be anybody's word.
    private var isBehindProxy: Bool { ["127.0.0.1", "::1"].contains(peerAddress) }

    /// Whose attempts to log in are counted together.
    func clientAddress(_ request: Request) -> String {
        guard isBehindProxy, let last = request.headers[.forwardedFor]?.split(separator: ",").last else {
            return peerAddress
        }
        return String(last.filter { !$0.isWhitespace }.prefix(64))
    }

    /// Whether the client speaks TLS, to this server or to the proxy before it.
    func isSecure(_ request: Request) -> Bool {
        isEncrypted || isBehindProxy && request.headers[.forwardedProtocol]?.lowercased() == "https"
    }
}
