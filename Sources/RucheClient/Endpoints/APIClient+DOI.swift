import NIOHTTP1
package import RucheCore
package import RucheWire

extension APIClient {
    package func doi(of release: ReleaseReference) async throws -> DOIDocument {
        try await document(APIRequest(.GET, Self.path(release) + "/doi"), as: DOIDocument.self)
    }

    package func requestDOI(of release: ReleaseReference, state: String) async throws -> DOIDocument {
        let body = try JSON.encode(DOIRequest(state: state))
        return try await document(
            APIRequest(.PUT, Self.path(release) + "/doi", body: .json(body)), as: DOIDocument.self)
    }
}
