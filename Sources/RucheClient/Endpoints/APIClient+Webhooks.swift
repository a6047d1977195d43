import NIOHTTP1
package import RucheCore
package import RucheWire

extension APIClient {
    /// The answer is the only one with the secret.
    package func addWebhook(_ request: WebhookRequest) async throws -> WebhookDocument {
        try await document(
            APIRequest(.POST, "/api/v1/webhooks", body: .json(try JSON.encode(request))), as: WebhookDocument.self)
    }

    /// Newest first.
    package func webhooks() async throws -> [WebhookDocument] {
        try await all("/api/v1/webhooks", of: WebhookDocument.self)
    }

    package func webhook(_ id: Identifier) async throws -> WebhookDocument {
        try await document(APIRequest(.GET, "/api/v1/webhooks/\(id)"), as: WebhookDocument.self)
    }

    /// The latest attempts, newest first.
    package func webhookDeliveries(_ id: Identifier, limit: Int) async throws -> [WebhookDeliveryDocument] {
        try await all("/api/v1/webhooks/\(id)/deliveries", limit: limit, of: WebhookDeliveryDocument.self)
    }

    package func removeWebhook(_ id: Identifier) async throws {
        try await discard(APIRequest(.DELETE, "/api/v1/webhooks/\(id)"))
    }

    package func testWebhook(_ id: Identifier) async throws -> WebhookDeliveryDocument {
        try await document(APIRequest(.POST, "/api/v1/webhooks/\(id)/test"), as: WebhookDeliveryDocument.self)
    }

    /// Lets one that was given up go on.
    package func enableWebhook(_ id: Identifier) async throws -> WebhookDocument {
        try await document(APIRequest(.POST, "/api/v1/webhooks/\(id)/enable"), as: WebhookDocument.self)
    }
}
