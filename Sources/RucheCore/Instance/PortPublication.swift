/// A port of an instance under an address and port of this machine. Written `[ADDRESS:]HOST:GUEST`.
package struct PortPublication: Hashable, Sendable, Codable {
    package static let loopback = "127.0.0.1"
    package static let rule = "[ADDRESS:]PORT:PORT with an IPv4 address of this machine, such as 8080:80"

    /// An IPv4 address of this machine.
    package var address: String
    package var host: Int
    package var guest: Int

    package init(address: String = loopback, host: Int, guest: Int) {
        self.address = address
        self.host = host
        self.guest = guest
    }

    /// Nil for anything that `rule` does not allow.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
        guard (2...3).contains(parts.count), let host = Int(parts[parts.count - 2]),
            let guest = Int(parts[parts.count - 1])
        else { return nil }
        self.init(address: parts.count == 3 ? parts[0] : Self.loopback, host: host, guest: guest)
        guard isValid else { return nil }
    }

    package var isValid: Bool {
        (1...65535).contains(host) && (1...65535).contains(guest) && Self.isAddress(address)
    }

    /// Whether only this machine reaches it, by a port that anybody may take.
    package var isHarmless: Bool { address.hasPrefix("127.") && host >= 1024 }

    /// Whether both can't be had at once.
    package func collides(with other: PortPublication) -> Bool {
        let any = "0.0.0.0"
        return host == other.host && (address == other.address || address == any || other.address == any)
    }

    /// Where one finds what serves HTTP there. `hostName` stands for every address.
    package func url(hostName: String) -> String {
        "http://\(address == "0.0.0.0" ? hostName : address):\(host)/"
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0).map(String.init) == String($0) }
    }
}

extension PortPublication: CustomStringConvertible {
    package var description: String { "\(address):\(host):\(guest)" }
}
