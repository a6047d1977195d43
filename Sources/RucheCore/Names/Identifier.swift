/// A time-ordered identifier: 26 characters of Crockford base 32 (48 bits of milliseconds, 80 random bits),
/// lower case so that it is a valid container, host and file name. The layout is that of ULID.
package struct Identifier: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 26, text.utf8.allSatisfy({ Self.alphabet.contains($0) }) else { return nil }
        description = String(text)
    }

    /// Makes one from milliseconds since 1970 and a source of randomness.
    package init(milliseconds: UInt64, using generator: inout some RandomNumberGenerator) {
        let high = (milliseconds << 16) | UInt64(UInt16.random(in: .min ... .max, using: &generator))
        let low = UInt64.random(in: .min ... .max, using: &generator)
        var text: [UInt8] = []
        var value = (UInt128(high) << 64) | UInt128(low)
        for _ in 0..<26 {
            text.append(Self.alphabet[Int(truncatingIfNeeded: value & 31)])
            value >>= 5
        }
        description = String(decoding: text.reversed(), as: UTF8.self)
    }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
}

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an identifier: \(text)")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
