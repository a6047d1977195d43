import Crypto
import Foundation

/// Signs values into texts for addresses (HMAC-SHA256), with a key of this process.
package struct SignedText: Sendable {
    private let key = SymmetricKey(size: .bits256)

    package init() {}

    func sign(_ value: some Encodable) throws -> String {
        let payload = try JSONEncoder().encode(value)
        return Self.text(payload) + "." + Self.text(Data(HMAC<SHA256>.authenticationCode(for: payload, using: key)))
    }

    /// Nil for what this process did not sign.
    func value<Value: Decodable>(_ type: Value.Type, _ text: some StringProtocol) -> Value? {
        let parts = text.split(separator: ".")
        guard text.utf8.count < 16 << 10, parts.count == 2, let payload = Self.data(parts[0]),
            let code = Self.data(parts[1]),
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: payload, using: key)
        else { return nil }
        return try? JSONDecoder().decode(type, from: payload)
    }

    private static func text(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func data(_ text: some StringProtocol) -> Data? {
        let plain = String(text).replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4))
    }
}
