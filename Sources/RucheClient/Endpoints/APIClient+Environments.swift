import NIOHTTP1
package import RucheCore
package import RucheWire

extension APIClient {
    static func environment(_ name: EnvironmentName) -> String {
        "/api/v1/environments/\(name.owner)/\(name.name)"
    }

    package func environments() async throws -> [EnvironmentDocument] {
        try await all("/api/v1/environments", of: EnvironmentDocument.self)
    }

    package func environment(_ name: EnvironmentName) async throws -> EnvironmentDocument {
        try await document(APIRequest(.GET, Self.environment(name)), as: EnvironmentDocument.self)
    }

    package func addEnvironment(_ request: EnvironmentRequest) async throws -> EnvironmentDocument {
        let body = try JSON.encode(request)
        return try await document(
            APIRequest(.POST, "/api/v1/environments", body: .json(body)), as: EnvironmentDocument.self)
    }

    package func changeEnvironment(
        _ name: EnvironmentName, _ request: EnvironmentRequest
    ) async throws -> EnvironmentDocument {
        let body = try JSON.encode(request)
        return try await document(
            APIRequest(.PATCH, Self.environment(name), body: .json(body)), as: EnvironmentDocument.self)
    }

    package func removeEnvironment(_ name: EnvironmentName) async throws {
        try await discard(APIRequest(.DELETE, Self.environment(name)))
    }

    /// Withdraws a release.
    package func revoke(_ reference: ReleaseReference, reason: String) async throws {
        let body = try JSON.encode(RevocationRequest(reason: reason))
        try await discard(APIRequest(.POST, Self.path(reference) + "/revoke", body: .json(body)))
    }
}
