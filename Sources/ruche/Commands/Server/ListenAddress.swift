import Glibc
import RucheCore

/// The value of `--listen`.
enum ListenAddress {
    /// Reads `host:port` and `[v6]:port`. Throws `invalid_input`, and `not_permitted` for what is no loopback
    /// unless `insecure`.
    static func parse(_ text: String, insecure: Bool) throws -> ServingOptions.Listener {
        let pattern = /(?:\[([0-9a-fA-F:.%]+)\]|([^:\[\]\/\s]+)):([0-9]{1,5})/
        guard let match = text.wholeMatch(of: pattern), let port = UInt16(match.output.3) else {
            throw RucheError(
                .invalidInput, "\"\(text)\" is not host:port, such as 127.0.0.1:8000 or [::1]:8000")
        }
        let host = String(match.output.1 ?? match.output.2 ?? "")
        guard insecure || isLoopback(host) else {
            throw RucheError(
                .notPermitted,
                "\(host) is not the loopback, and this server speaks plain HTTP: tokens and data could be read on the way; "
                    + "give --tls-certificate and --tls-key, or listen on 127.0.0.1 behind a TLS proxy, or give --insecure on a network you trust"
            )
        }
        return ServingOptions.Listener(host: host, port: Int(port))
    }

    /// 127.0.0.0/8, ::1, and the name localhost.
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
    }

    static func text(_ listener: ServingOptions.Listener, port: Int?) -> String {
        let host = listener.host.contains(":") ? "[\(listener.host)]" : listener.host
        return "\(host):\(port ?? listener.port)"
    }
}
