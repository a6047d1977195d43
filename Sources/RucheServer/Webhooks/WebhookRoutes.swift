import HTTPTypes
import Hummingbird
import RucheCore
package import RucheService
import RucheWire

/// Addresses that are told of events: `/api/v1/webhooks` and below.
package struct WebhookRoutes: Sendable {
    private let webhooks: WebhookService

    package init(_ webhooks: WebhookService) { self.webhooks = webhooks }

    package var routes: [Route] { collection + single }

    private static let pages = [
        "limit": "At most so many, 1 to 1000.", "cursor": "The `next` of the page before.",
    ]

    private var collection: [Route] {
        [
            Route(
                .post, "/api/v1/webhooks", access: .site(.administer),
                RouteDocumentation(
                    """
                    Adds an address that is told of events, signed as Standard Webhooks has it. The secret is in this \
                    answer and never again.
                    """, request: "WebhookRequest", response: "WebhookDocument", status: 201)
            ) { request, context in
                let body = try await request.decodeJSON(WebhookRequest.self, context)
                let (webhook, secret) = try await webhooks.add(
                    url: body.url, kinds: body.kinds ?? "", owner: body.owner ?? .local)
                var document = WebhookDocument(webhook)
                document.secret = secret
                return try .json(
                    document, status: .created,
                    headers: [.location: "/api/v1/webhooks/\(webhook.id)", .cacheControl: "no-store"])
            },
            Route(
                .get, "/api/v1/webhooks", access: .site(.administer),
                RouteDocumentation(
                    "Lists webhooks, newest first.", query: Self.pages, response: "Page<WebhookDocument>")
            ) { request, _ in
                let limit = try request.pageLimit()
                let found = try await webhooks.webhooks(before: request.identifierCursor(), limit: limit)
                let next = found.count == limit ? found.last?.id.description : nil
                return try .json(Page(items: found.map { WebhookDocument($0) }, next: next))
            },
        ]
    }

    private var single: [Route] {
        [
            Route(
                .get, "/api/v1/webhooks/{id}", access: .site(.administer),
                RouteDocumentation("Shows a webhook.", response: "WebhookDocument")
            ) { _, context in try .json(WebhookDocument(try await webhooks.webhook(context.identifier()))) },
            Route(
                .delete, "/api/v1/webhooks/{id}", access: .site(.administer),
                RouteDocumentation("Removes a webhook and its secret.", status: 204)
            ) { _, context in
                try await webhooks.remove(context.identifier())
                return .noContent
            },
            Route(
                .post, "/api/v1/webhooks/{id}/test", access: .site(.administer),
                RouteDocumentation(
                    "Sends a message of the kind `webhook.test` now, and tells how it went.",
                    response: "WebhookDeliveryDocument")
            ) { _, context in try .json(WebhookDeliveryDocument(try await webhooks.test(context.identifier()))) },
            Route(
                .post, "/api/v1/webhooks/{id}/enable", access: .site(.administer),
                RouteDocumentation(
                    "Lets a webhook that was given up go on after the last event it took.", response: "WebhookDocument")
            ) { _, context in try .json(WebhookDocument(try await webhooks.enable(context.identifier()))) },
            Route(
                .get, "/api/v1/webhooks/{id}/deliveries", access: .site(.administer),
                RouteDocumentation(
                    "The latest attempt for each of the newest 200 events, newest first.", query: Self.pages,
                    response: "Page<WebhookDeliveryDocument>")
            ) { request, context in
                let limit = try request.pageLimit()
                let cursor = try request.integer("cursor", in: 0...Int.max).map { Int64($0) }
                let found = try await webhooks.deliveries(context.identifier(), before: cursor, limit: limit)
                let next = found.count == limit ? found.last.map { String($0.sequence) } : nil
                return try .json(Page(items: found.map { WebhookDeliveryDocument($0) }, next: next))
            },
        ]
    }
}

extension WebhookDocument {
    fileprivate init(_ webhook: Webhook) {
        self.init(
            id: webhook.id, url: webhook.url, kinds: webhook.kinds, owner: webhook.owner,
            createdAt: webhook.createdAt, position: webhook.position)
        failures = webhook.failures
        failingSince = webhook.failingSince
        nextAttemptAt = webhook.nextAttemptAt
        disabledAt = webhook.disabledAt
        disabledReason = webhook.disabledReason
    }
}

extension WebhookDeliveryDocument {
    fileprivate init(_ delivery: WebhookDelivery) {
        self.init(
            sequence: delivery.sequence, kind: delivery.kind, attempts: delivery.attempts,
            attemptedAt: delivery.attemptedAt, isDelivered: delivery.isDelivered)
        status = delivery.status
        failure = delivery.failure
    }
}
