import NIOHTTP1
package import RucheCore
package import RucheWire

/// Reference databases.
extension APIClient {
    package func databases() async throws -> [DatabaseDocument] {
        try await document(APIRequest(.GET, "/api/v1/databases"), as: Page<DatabaseDocument>.self).items
    }

    /// The newest version when none is named. Throws `not_found`.
    package func database(_ reference: DatabaseReference) async throws -> DatabaseDocument {
        let found = try await databases().first { database in
            database.name == reference.name && (reference.version ?? database.version) == database.version
        }
        guard let found else { throw RucheError(.notFound, "there is no reference database \(reference)") }
        return found
    }

    package func addDatabase(_ request: DatabaseRequest) async throws -> OperationDocument {
        try await document(
            APIRequest(.POST, "/api/v1/databases", body: .json(try JSON.encode(request))), as: OperationDocument.self)
    }

    package func verifyDatabase(_ database: DatabaseDocument) async throws -> OperationDocument {
        try await document(APIRequest(.POST, Self.path(database) + "/verify"), as: OperationDocument.self)
    }

    package func removeDatabase(_ database: DatabaseDocument) async throws {
        try await discard(APIRequest(.DELETE, Self.path(database)))
    }

    private static func path(_ database: DatabaseDocument) -> String {
        "/api/v1/databases/\(database.name)/\(database.version)"
    }
}
