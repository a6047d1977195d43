import Foundation
import RucheCore

import enum CryptoExtras.KDF

/// A password as it is stored: `scrypt$rounds$block$parallelism$salt$key`, so that the parameters can grow later.
struct PasswordHash: Hashable, Sendable {
    /// What a hash costs: 128 · rounds · block bytes of memory.
    struct Cost: Hashable, Sendable {
        var rounds: Int
        var block = 8
        var parallelism = 1
    }

    var cost: Cost
    var salt: [UInt8]
    var key: [UInt8]

    private static let keyLength = 32
    /// Beyond these a stored hash is damaged: no machine should spend so much on one.
    private static let mostRounds = 1 << 17

    init(_ password: String, cost: Cost) throws {
        var generator = SystemRandomNumberGenerator()
        salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        self.cost = cost
        key = try Self.derive(password, salt, cost)
    }

    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "scrypt", let rounds = Int(parts[1]), let block = Int(parts[2]),
            let parallelism = Int(parts[3]), let salt = Data(base64Encoded: parts[4]),
            let key = Data(base64Encoded: parts[5]), (2...Self.mostRounds).contains(rounds), (1...32).contains(block),
            (1...16).contains(parallelism), rounds.nonzeroBitCount == 1
        else { return nil }
        cost = Cost(rounds: rounds, block: block, parallelism: parallelism)
        self.salt = Array(salt)
        self.key = Array(key)
    }

    var text: String {
        let (salt, key) = (Data(salt).base64EncodedString(), Data(key).base64EncodedString())
        return "scrypt$\(cost.rounds)$\(cost.block)$\(cost.parallelism)$\(salt)$\(key)"
    }

    func matches(_ password: String) throws -> Bool { Secret.same(try Self.derive(password, salt, cost), key) }

    private static func derive(_ password: String, _ salt: [UInt8], _ cost: Cost) throws -> [UInt8] {
        // The same text has one form, however a keyboard composes its letters.
        let bytes = Array(password.precomposedStringWithCanonicalMapping.utf8)
        let key = try KDF.Scrypt.deriveKey(
            from: bytes, salt: salt, outputByteCount: keyLength, rounds: cost.rounds, blockSize: cost.block,
            parallelism: cost.parallelism)
        return key.withUnsafeBytes { Array($0) }
    }
}
