import Glibc
package import HTTPTypes
import RucheCore

/// Which `Host` and `Origin` a network listener answers to, so that a web page can't reach it through a
/// name that resolves to this machine (DNS rebinding), nor with a form.
package struct HostPolicy: Sendable {
    private let names: Set<String>

    /// `names` are the host names people use for this server; addresses and `localhost` are always allowed.
    package init(names: some Sequence<String>) {
        self.names = Set(names.map { $0.lowercased() }).union(["localhost"])
    }

    /// Throws `forbidden`.
    package func check(_ head: HTTPRequest) throws {
        guard let authority = head.authority, let host = Self.host(of: authority) else {
            throw RucheError(.invalidInput, "the request has no valid Host header")
        }
        guard names.contains(host) || Self.isAddress(host) else {
            throw RucheError(
                .forbidden,
                "the server does not answer to the name \"\(host.prefix(100))\": use its address, or start it with \"ruche serve --host-name \(host.prefix(100))\""
            )
        }
        if let origin = head.headerFields[.origin], !Self.isSame(origin, authority) {
            throw RucheError(.forbidden, "requests of pages from \(origin.prefix(100)) are not allowed")
        }
        let isSafe = [.get, .head, .options].contains(head.method)
        if !isSafe, let site = head.headerFields[.secFetchSite], !["same-origin", "none"].contains(site) {
            throw RucheError(.forbidden, "requests of other sites are not allowed")
        }
    }

    /// The host of `host[:port]`, lower case, an IPv6 address without its brackets.
    static func host(of authority: String) -> String? {
        let text = authority.lowercased()
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || isPort(rest) else { return nil }
            return String(text[text.index(after: text.startIndex)..<end])
        }
        let host = text.prefix { $0 != ":" }
        let rest = text[host.endIndex...]
        guard !host.isEmpty, rest.isEmpty || isPort(rest) else { return nil }
        return String(host.hasSuffix(".") ? host.dropLast() : host)
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.hasPrefix(":") && UInt16(text.dropFirst()) != nil
    }

    private static func isAddress(_ host: String) -> Bool {
        var v4 = in_addr()
        var v6 = in6_addr()
        return inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1
    }

    private static func isSame(_ origin: String, _ authority: String) -> Bool {
        ["http://", "https://"].contains { origin.lowercased() == $0 + authority.lowercased() }
    }
}
