import Logging
import RucheCore
import RucheHost
import RucheStore

extension WebhookService {
    /// The status by which an address says that it is gone for good.
    private static let gone = 410
    private static let databasePause = Duration.seconds(5)

    /// Follows the events from where the webhook is. Returns when it was disabled or removed, or when cancelled.
    func deliverAll(_ id: Identifier) async {
        while !Task.isCancelled {
            do {
                let webhook = try await webhook(id)
                guard webhook.disabledAt == nil else { return }
                if let next = webhook.nextAttemptAt { try await pause(until: next) }
                let listener = configuration.events.listen(after: webhook.position, filter: webhook.filter)
                while let events = try await listener.next() {
                    for event in events where try await !deliver(event.event, id) { return }
                }
                return
            } catch let error as RucheError where error.code == .notFound {
                return
            } catch {
                if Task.isCancelled { return }
                // The database is full or busy: what was not written down is told again.
                configuration.logger.warning(
                    "can't go on with a webhook, trying again", metadata: ["webhook": "\(id)", "error": "\(error)"])
                do { try await Task.sleep(for: Self.databasePause) } catch { return }
            }
        }
    }

    /// Tries until the address took the event. False when the webhook was disabled.
    private func deliver(_ event: Event, _ id: Identifier) async throws -> Bool {
        var attempts = 0
        while true {
            try Task.checkCancellation()
            var webhook = try await webhook(id)
            attempts += 1
            let delivery = await attempt(event, webhook, attempts: max(attempts, webhook.failures + 1))
            // A shutdown in the midst of it is no fault of the address.
            if !delivery.isDelivered { try Task.checkCancellation() }
            let events = apply(delivery, event, to: &webhook)
            let rows = (webhook.row, delivery.row(webhook))
            try await configuration.events.write(events) { connection in
                let repository = WebhookRepository(connection)
                guard try repository.webhook(rows.0.id) != nil else { return }
                try repository.update(rows.0)
                try repository.save(rows.1)
            }
            if delivery.isDelivered { return true }
            if webhook.disabledAt != nil { return false }
            if let next = webhook.nextAttemptAt { try await pause(until: next) }
        }
    }

    /// What an attempt changes, and the events that tell of it.
    private func apply(_ delivery: WebhookDelivery, _ event: Event, to webhook: inout Webhook) -> [EventDraft] {
        guard !delivery.isDelivered else {
            webhook.position = event.sequence
            (webhook.failures, webhook.failingSince, webhook.nextAttemptAt) = (0, nil, nil)
            return []
        }
        let now = configuration.now()
        webhook.failures += 1
        let since = webhook.failingSince ?? now
        webhook.failingSince = since
        var generator = SystemRandomNumberGenerator()
        let delay = configuration.schedule.delay(failures: webhook.failures, using: &generator)
        webhook.nextAttemptAt = now + Int64(delay.seconds * 1000)
        let isGivenUp = configuration.schedule.isOver(failures: webhook.failures, since: .milliseconds(now - since))
        guard isGivenUp || delivery.status == Self.gone else { return [] }
        webhook.disabledAt = now
        webhook.disabledReason = delivery.failure
        webhook.nextAttemptAt = nil
        configuration.logger.warning(
            "a webhook was given up", metadata: ["webhook": "\(webhook.id)", "reason": "\(delivery.failure ?? "")"])
        return [self.event("webhook.disabled", webhook, ["reason": .string(delivery.failure ?? "")])]
    }

    /// One attempt, signed for now. Never throws: how it failed is in the delivery.
    func attempt(_ event: Event, _ webhook: Webhook, attempts: Int, id: String? = nil) async -> WebhookDelivery {
        let now = configuration.now()
        let outcome: Result<Int, any Error>
        do {
            guard let secret = WebhookSecret.read(secretPath(webhook.id)) else {
                throw RucheError(
                    .corruptContent, "the secret of webhook \(webhook.id) is not there: remove it and add it again")
            }
            let message = try WebhookMessage(event, for: webhook, id: id)
            outcome = .success(
                try await configuration.poster.post(
                    webhook.url, headers: message.headers(secret, now: now), body: message.body))
        } catch {
            outcome = .failure(error)
        }
        return WebhookDelivery(
            sequence: event.sequence, kind: event.kind, attempts: attempts, attemptedAt: now, outcome)
    }

    /// A clock that was set back must not hold it for longer than any wait takes.
    private func pause(until time: Int64) async throws {
        let longest = configuration.schedule.longest * 2
        try await Task.sleep(for: min(longest, .milliseconds(max(0, time - configuration.now()))))
    }
}
