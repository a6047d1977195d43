import Crypto
package import RucheCore

/// Any of the checksums that Vagrant knows, of bytes that come in pieces.
package struct ChecksumHasher: Sendable {
    private enum Hash: Sendable {
        case md5(Insecure.MD5)
        case sha1(Insecure.SHA1)
        case sha256(SHA256)
        case sha384(SHA384)
        case sha512(SHA512)
    }

    private let kind: FileChecksum.Kind
    private var hash: Hash

    package init(_ kind: FileChecksum.Kind) {
        self.kind = kind
        hash =
            switch kind {
            case .md5: .md5(Insecure.MD5())
            case .sha1: .sha1(Insecure.SHA1())
            case .sha256: .sha256(SHA256())
            case .sha384: .sha384(SHA384())
            case .sha512: .sha512(SHA512())
            }
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch hash {
        case .md5(var hash): hash.update(bufferPointer: bytes); self.hash = .md5(hash)
        case .sha1(var hash): hash.update(bufferPointer: bytes); self.hash = .sha1(hash)
        case .sha256(var hash): hash.update(bufferPointer: bytes); self.hash = .sha256(hash)
        case .sha384(var hash): hash.update(bufferPointer: bytes); self.hash = .sha384(hash)
        case .sha512(var hash): hash.update(bufferPointer: bytes); self.hash = .sha512(hash)
        }
    }

    package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    package func finish() -> FileChecksum {
        switch hash {
        case .md5(let hash): FileChecksum(kind, bytes: hash.finalize())
        case .sha1(let hash): FileChecksum(kind, bytes: hash.finalize())
        case .sha256(let hash): FileChecksum(kind, bytes: hash.finalize())
        case .sha384(let hash): FileChecksum(kind, bytes: hash.finalize())
        case .sha512(let hash): FileChecksum(kind, bytes: hash.finalize())
        }
    }
}
