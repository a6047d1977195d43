import RucheCore

/// 256 random bits that somebody shows to be let in. Only its SHA-256 is ever stored.
struct Secret: Sendable {
    /// What tokens of the API begin with, so that a person, or a scan for leaked secrets, knows one.
    static let tokenPrefix = "ruche_"

    let text: String

    init(prefix: String = "") {
        var generator = SystemRandomNumberGenerator()
        text = prefix + Digest(bytes: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }).hex
    }

    var hash: String { Self.hash(text) }

    static func hash(_ text: some StringProtocol) -> String { FileHasher.hex(Array(text.utf8)) }

    /// Takes the same time wherever the two differ.
    static func same(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
