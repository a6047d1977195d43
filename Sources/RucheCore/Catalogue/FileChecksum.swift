/// A checksum as Vagrant names them: `md5`, `sha1`, `sha256`, `sha384`, `sha512`, and lower-case hexadecimal digits.
package struct FileChecksum: Hashable, Sendable, Codable {
    package enum Kind: String, CaseIterable, Codable, Sendable {
        case md5, sha1, sha256, sha384, sha512

        /// Hexadecimal digits.
        package var length: Int {
            switch self {
            case .md5: 32
            case .sha1: 40
            case .sha256: 64
            case .sha384: 96
            case .sha512: 128
            }
        }
    }

    package var kind: Kind
    package var hex: String

    /// Nil for a kind nobody knows or digits that are none of it. Upper-case digits are taken as lower-case ones.
    package init?(kind: String, hex: String) {
        guard let kind = Kind(rawValue: kind.lowercased()), hex.utf8.count == kind.length,
            hex.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit })
        else { return nil }
        self.kind = kind
        self.hex = hex.lowercased()
    }

    /// A checksum of the bytes that an implementation of `kind` returned.
    package init(_ kind: Kind, bytes: some Sequence<UInt8>) {
        self.kind = kind
        hex = bytes.hexadecimal
    }
}
