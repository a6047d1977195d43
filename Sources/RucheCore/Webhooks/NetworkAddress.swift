/// An address of the Internet Protocol, to tell whether it is anybody's or only this site's.
package enum NetworkAddress: Hashable, Sendable {
    case v4(UInt32)
    /// The upper and the lower half.
    case v6(UInt64, UInt64)

    /// Networks of version 4 that are not anybody's on the Internet (RFC 6890 and its successors).
    private static let special: [(network: UInt32, bits: UInt32)] = [
        (0, 8), (0x0a00_0000, 8), (0x6440_0000, 10), (0x7f00_0000, 8), (0xa9fe_0000, 16), (0xac10_0000, 12),
        (0xc000_0000, 24), (0xc000_0200, 24), (0xc058_6300, 24), (0xc0a8_0000, 16), (0xc612_0000, 15),
        (0xc633_6400, 24), (0xcb00_7100, 24), (0xe000_0000, 4), (0xf000_0000, 4),
    ]

    /// False for this machine, its networks, and whatever else is not a single place on the Internet.
    package var isPublic: Bool {
        switch self {
        case .v4(let address):
            return !Self.special.contains { address >> (32 - $0.bits) == $0.network >> (32 - $0.bits) }
        case .v6(let upper, let lower):
            // An address of version 4 in one of version 6.
            if upper == 0, lower >> 32 == 0xffff { return Self.v4(UInt32(truncatingIfNeeded: lower)).isPublic }
            guard upper >> 61 == 1 else { return false }  // 2000::/3
            switch upper >> 32 {
            case 0x2001_0db8, 0x2001_0000: return false  // documentation, Teredo
            default: break
            }
            if upper >> 44 == 0x3fff0 { return false }  // documentation
            if upper >> 48 == 0x2002 { return Self.v4(UInt32(truncatingIfNeeded: upper >> 16)).isPublic }
            return true
        }
    }
}
