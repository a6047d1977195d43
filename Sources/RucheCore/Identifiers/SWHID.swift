/// A software hash identifier (ISO/IEC 18670): what a file or a folder is, computed from nothing but itself.
package struct SWHID: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        case content = "cnt"
        case directory = "dir"
    }

    package let kind: Kind
    /// 40 lower-case hexadecimal digits.
    package let hex: String

    package init(_ kind: Kind, hex: String) {
        self.kind = kind
        self.hex = hex
    }

    package var description: String { "swh:1:\(kind.rawValue):\(hex)" }
}
