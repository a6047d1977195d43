import Crypto
import Foundation
import RucheCore

/// The digest that the bytes of one request must have, and the hashing of them.
package struct UploadChecksum: Sendable {
    package enum Algorithm: String, CaseIterable, Sendable { case md5, sha1, sha256, sha512 }

    private var hash: any HashFunction
    private let expected: [UInt8]
    private let algorithm: Algorithm

    /// Reads `ALGORITHM BASE64`. Throws `invalid_input`.
    package init(_ header: String) throws {
        let parts = header.split(separator: " ")
        let known = Algorithm.allCases.map(\.rawValue).joined(separator: ", ")
        guard parts.count == 2, let algorithm = Algorithm(rawValue: parts[0].lowercased()) else {
            throw RucheError(
                .invalidInput, "the checksum \"\(header.prefix(80))\" is not known: send one of \(known), and base64")
        }
        guard let data = Data(base64Encoded: String(parts[1])), data.count == algorithm.length else {
            throw RucheError(
                .invalidInput, "the checksum is not \(algorithm.length) bytes of base64, as \(algorithm.rawValue) has")
        }
        self.algorithm = algorithm
        expected = [UInt8](data)
        hash = algorithm.function()
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    /// Throws `checksum_mismatch`.
    package func check() throws {
        guard Self.result(hash) != expected else { return }
        throw RucheError(
            .checksumMismatch,
            "the bytes do not have the \(algorithm.rawValue) that was announced: they were dropped, send them again")
    }

    private static func result(_ hash: some HashFunction) -> [UInt8] { Array(hash.finalize()) }
}

extension UploadChecksum.Algorithm {
    fileprivate func function() -> any HashFunction {
        switch self {
        case .md5: Insecure.MD5()
        case .sha1: Insecure.SHA1()
        case .sha256: SHA256()
        case .sha512: SHA512()
        }
    }

    fileprivate var length: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }
}
