import Crypto
package import RucheCore

/// SHA-256 of bytes that come in pieces.
package struct StreamHasher: Sendable {
    private var hash = SHA256()

    package init() {}

    package mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }
    package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { hash.update(bufferPointer: $0) } }

    package func finish() -> RucheCore.Digest { RucheCore.Digest(bytes: hash.finalize()) }

    /// The digest of bytes in memory.
    package static func digest(of bytes: [UInt8]) -> RucheCore.Digest {
        var hasher = StreamHasher()
        hasher.update(bytes)
        return hasher.finish()
    }
}
