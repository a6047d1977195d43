import NIOHTTP1
package import RucheCore
package import RucheWire

extension APIClient {
    /// What a persistent identifier names. Throws `not_found`.
    package func identifier(_ ark: ARK) async throws -> IdentifierDocument {
        try await document(
            APIRequest(.GET, "/api/v1/identifiers/\(ark.naan)/\(ark.name)"), as: IdentifierDocument.self)
    }
}
