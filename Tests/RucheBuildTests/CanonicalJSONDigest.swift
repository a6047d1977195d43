import RucheCore
import RucheImages

@testable import RucheBuild

/// Canonical texts and digests for tests.
enum CanonicalJSONDigest {
    static func of(_ value: some Encodable) throws -> Digest { try CanonicalJSON.digest(value) }
    static func text(_ value: Step) throws -> String { try CanonicalJSON.text(value) }
}
