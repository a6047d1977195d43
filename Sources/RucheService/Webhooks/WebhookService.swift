import Logging
package import RucheCore
import RucheHost
import RucheStore
import ServiceLifecycle
import SystemPackage

/// Tells addresses of events: each event at least once and in order, signed, tried again until it was taken.
///
/// How far each webhook is stands in the database and moves only when the address took the event, so that neither a
/// kill nor an address that is away loses one. Events: `webhook.added`, `webhook.removed`, `webhook.disabled`,
/// `webhook.enabled`.
package actor WebhookService: Service {
    let configuration: WebhookServiceConfiguration
    private let starts: AsyncStream<Identifier>
    private let starter: AsyncStream<Identifier>.Continuation
    /// Ends the deliveries of a webhook.
    private var stops: [Identifier: AsyncStream<Void>.Continuation] = [:]
    /// Webhooks that were enabled before their last deliveries had come to their end.
    private var restarts: Set<Identifier> = []

    package init(_ configuration: WebhookServiceConfiguration) {
        self.configuration = configuration
        (starts, starter) = AsyncStream.makeStream()
    }

    /// Delivers until shutdown.
    package func run() async throws {
        for webhook in try await webhooks(before: nil, limit: configuration.limit) where webhook.disabledAt == nil {
            starter.yield(webhook.id)
        }
        await withDiscardingTaskGroup { group in
            for await id in starts.cancelOnGracefulShutdown() { group.addTask { await self.serve(id) } }
            group.cancelAll()
        }
    }

    // MARK: What people do

    /// The secret is given here and never again. Only events that come later are told of.
    ///
    /// Throws `invalid_input` for an address or a kind that is none, and `conflict` when there are too many.
    package func add(url: String, kinds: String, owner: OwnerName) async throws -> (webhook: Webhook, secret: String) {
        try configuration.poster.check(url)
        let kinds = try EventFilter.kinds(parsing: kinds)
        guard try await webhooks(before: nil, limit: configuration.limit).count < configuration.limit else {
            throw RucheError(.conflict, "there are \(configuration.limit) webhooks already: remove one first")
        }
        var generator = SystemRandomNumberGenerator()
        let time = configuration.now()
        let id = Identifier(milliseconds: UInt64(max(0, time)), using: &generator)
        let position = try await configuration.events.newest()
        let row = WebhookRow(
            id: id.description, url: url, kinds: kinds.joined(separator: ","), owner: owner.description,
            createdAt: time, position: position)
        guard let webhook = Webhook(row) else { throw RucheError(.invalidInput, "there is no owner \"\(owner)\"") }
        let secret = WebhookSecret()
        // Before the row: a webhook that is there can sign.
        try secret.write(secretPath(id))
        do {
            try await configuration.events.write([event("webhook.added", webhook)]) {
                try WebhookRepository($0).insert(row)
            }
        } catch {
            try? FileTree.remove(secretPath(id))  // the first error is the one to report
            throw error
        }
        starter.yield(id)
        return (webhook, secret.text)
    }

    package func webhooks(before cursor: Identifier?, limit: Int) async throws -> [Webhook] {
        try await configuration.database.read {
            try WebhookRepository($0).webhooks(before: cursor?.description, limit: limit)
        }.compactMap(Webhook.init)
    }

    /// Throws `not_found`.
    package func webhook(_ id: Identifier) async throws -> Webhook {
        let row = try await configuration.database.read { try WebhookRepository($0).webhook(id.description) }
        guard let webhook = row.flatMap(Webhook.init) else {
            throw RucheError(.notFound, "there is no webhook \(id)", details: ["webhook": id.description])
        }
        return webhook
    }

    package func remove(_ id: Identifier) async throws {
        let webhook = try await webhook(id)
        try await configuration.events.write([event("webhook.removed", webhook)]) {
            try WebhookRepository($0).remove(id.description)
        }
        stops[id]?.finish()
        try FileTree.remove(secretPath(id))
    }

    /// Lets a webhook that was given up go on where it was.
    package func enable(_ id: Identifier) async throws -> Webhook {
        var webhook = try await webhook(id)
        guard webhook.disabledAt != nil else { return webhook }
        (webhook.disabledAt, webhook.disabledReason, webhook.failingSince, webhook.nextAttemptAt) = (nil, nil, nil, nil)
        webhook.failures = 0
        let row = webhook.row
        try await configuration.events.write([event("webhook.enabled", webhook)]) {
            try WebhookRepository($0).update(row)
        }
        starter.yield(id)
        return webhook
    }

    /// Sends a message of the kind `webhook.test` now, whatever the webhook's kinds, and tells how it went.
    package func test(_ id: Identifier) async throws -> WebhookDelivery {
        let webhook = try await webhook(id)
        let time = configuration.now()
        let event = Event(
            sequence: 0, time: time, subject: webhook.subject, kind: "webhook.test", data: ["message": "a test"])
        return await attempt(event, webhook, attempts: 1, id: "msg_\(webhook.id)_test_\(time)")
    }

    package func deliveries(
        _ id: Identifier, before sequence: Int64?, limit: Int
    ) async throws -> [WebhookDelivery] {
        _ = try await webhook(id)
        return try await configuration.database.read {
            try WebhookRepository($0).deliveries(id.description, before: sequence, limit: limit)
        }.map(WebhookDelivery.init)
    }

    // MARK: Delivery

    /// Delivers to one webhook until it is removed, disabled, or this process stops.
    private func serve(_ id: Identifier) async {
        guard stops[id] == nil else {
            restarts.insert(id)
            return
        }
        let (ending, stop) = AsyncStream<Void>.makeStream()
        stops[id] = stop
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.deliverAll(id) }
            group.addTask { for await _ in ending {} }
            await group.next()
            group.cancelAll()
        }
        stops[id] = nil
        if restarts.remove(id) != nil { starter.yield(id) }
    }

    func secretPath(_ id: Identifier) -> FilePath {
        configuration.data.appending("webhooks").appending("\(id).secret")
    }

    func event(_ kind: String, _ webhook: Webhook, _ data: [String: JSONValue] = [:]) -> EventDraft {
        var data = data
        data["url"] = .string(webhook.url)
        return EventDraft(subject: webhook.subject, kind: kind, data: .object(data), owner: webhook.owner)
    }
}
