import RucheCore

/// The secret that lets a job tell of its progress, and nothing else.
struct JobToken: Sendable {
    /// 64 hexadecimal digits: 256 random bits.
    let text: String

    init() {
        var generator = SystemRandomNumberGenerator()
        text = Digest(bytes: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }).hex
    }

    /// What is recorded of it.
    var hash: String { FileHasher.hex(text.utf8) }

    /// Whether `token` has the recorded hash. Takes the same time wherever they differ.
    static func matches(_ token: String, hash: String?) -> Bool {
        guard let hash else { return false }
        let given = Array(FileHasher.hex(token.utf8).utf8)
        let recorded = Array(hash.utf8)
        guard given.count == recorded.count else { return false }
        return zip(given, recorded).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
