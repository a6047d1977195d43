import Crypto
import Foundation
import RucheHost
import SystemPackage

/// What messages of a webhook are signed with, as Standard Webhooks has it: `whsec_` and 32 random bytes in base 64.
package struct WebhookSecret: Sendable {
    private static let prefix = "whsec_"

    /// What the receiver is given, once.
    package let text: String
    private let key: [UInt8]

    package init() {
        var generator = SystemRandomNumberGenerator()
        key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        text = Self.prefix + Data(key).base64EncodedString()
    }

    /// Nil for what is no secret.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let key = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            key.count >= 16
        else { return nil }
        self.text = text
        self.key = [UInt8](key)
    }

    /// The value of `webhook-signature`: of the identifier, the seconds since 1970 and the body, joined by dots.
    package func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let signed = Array("\(id).\(timestamp).".utf8) + body
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: key))
        return "v1,\(Data(code).base64EncodedString())"
    }

    /// Reads the file of a secret; nil when it is not there or is none.
    static func read(_ path: FilePath) -> Self? {
        guard let bytes = try? AtomicFile.read(path, limit: 1024) else { return nil }  // told as a missing secret
        return Self(String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace })
    }

    /// Only this user may read it: who has it can forge messages.
    func write(_ path: FilePath) throws {
        try FileTree.makeFolder(path.removingLastComponent(), permissions: 0o700)
        try AtomicFile.write(Array("\(text)\n".utf8), to: path, permissions: .ownerReadWrite)
    }
}
