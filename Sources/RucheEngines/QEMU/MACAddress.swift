package import RucheCore

/// The address of an instance's network card: always the same, and one that QEMU's makers leave to their users.
package struct MACAddress: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ id: Identifier) {
        // FNV-1a: what differs in one character of an identifier differs here.
        let hash = id.description.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let parts = [hash >> 16, hash >> 8, hash].map { part in
            let text = String(part & 0xff, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        description = "52:54:00:" + parts.joined(separator: ":")
    }
}
