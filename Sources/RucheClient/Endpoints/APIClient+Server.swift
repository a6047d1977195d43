import NIOHTTP1
package import RucheCore
package import RucheWire

extension APIClient {
    package func server() async throws -> ServerDocument {
        try await document(APIRequest(.GET, "/api/v1/server"), as: ServerDocument.self)
    }

    package func engines() async throws -> [EngineDocument] {
        try await document(APIRequest(.GET, "/api/v1/engines"), as: [EngineDocument].self)
    }

    /// `{"versions":["v1"],"features":[…]}`, asked for without a token.
    package func versions() async throws -> JSONValue {
        try await document(APIRequest(.GET, "/api"), as: JSONValue.self)
    }

    /// The OpenAPI 3.1 document.
    package func openAPI() async throws -> JSONValue {
        try await document(APIRequest(.GET, "/api/v1/openapi.json"), as: JSONValue.self)
    }
}
