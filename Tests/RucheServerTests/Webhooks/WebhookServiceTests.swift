import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import RucheCore
import RucheHost
import RucheServer
import RucheService
import RucheStore
import Support
import Synchronization
import SystemPackage
import Testing

/// Webhooks against a real receiver on a port of this machine.
@Suite struct WebhookServiceTests {
    private func with(
        allowsPrivate: Bool = true, giveUp: Duration = .seconds(3600),
        _ body: @escaping @Sendable (Site, Receiver, String) async throws -> Void
    ) async throws {
        try await Scratch.with { folder in
            let receiver = Receiver()
            let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
            let log = DatabaseEventLog(database: database)
            let site = Site(
                folder: folder, database: database, log: log, allowsPrivate: allowsPrivate, giveUp: giveUp)
            try await ServedRoutes.with([receiver.route]) { addresses in
                let port = try #require(addresses.network?.port)
                try await body(site, receiver, "http://localhost:\(port)/hook")
            }
        }
    }

    @Test func eventsComeSignedInOrderAndOnlyTheKindsAskedFor() async throws {
        try await with { site, receiver, url in
            try await site.serve { webhooks in
                let (webhook, secret) = try await webhooks.add(url: url, kinds: "job.*", owner: .local)
                for number in 0..<20 {
                    let kind = number % 2 == 0 ? "job.ended" : "build.published"
                    try await site.log.append(
                        subject: "job:\(number)", kind: kind, data: ["n": .integer(Int64(number))])
                }
                #expect(try await eventually { receiver.messages.count == 10 })
                let messages = receiver.messages
                #expect(messages.map(\.subject) == stride(from: 0, to: 20, by: 2).map { "job:\($0)" })
                #expect(Set(messages.map(\.id)).count == 10)
                let key = try #require(WebhookSecret(secret))
                for message in messages {
                    #expect(
                        message.signature
                            == key.signature(id: message.id, timestamp: message.timestamp, body: message.body))
                }
                #expect(try await eventually { try await webhooks.webhook(webhook.id).position >= 19 })
                let deliveries = try await webhooks.deliveries(webhook.id, before: nil, limit: 100)
                #expect(deliveries.count == 10 && deliveries.allSatisfy { $0.isDelivered && $0.status == 200 })
                let path = site.folder.appending("webhooks").appending("\(webhook.id).secret")
                #expect(try FileTree.exists(path) && AtomicFile.read(path).count > 40)
            }
        }
    }

    @Test func whatWasNotTakenIsTriedAgainAlsoByTheNextProcess() async throws {
        try await with { site, receiver, url in
            receiver.answer(500)
            let id = try await site.serve { webhooks in
                let (webhook, _) = try await webhooks.add(url: url, kinds: "job.*", owner: .local)
                try await site.log.append(subject: "a", kind: "job.ended", data: .null)
                try await site.log.append(subject: "b", kind: "job.ended", data: .null)
                #expect(try await eventually { receiver.messages.count >= 3 })
                let failing = try await webhooks.webhook(webhook.id)
                #expect(failing.failures >= 1 && failing.failingSince != nil)
                return webhook.id
            }
            let before = receiver.messages
            #expect(Set(before.map(\.id)).count == 1, "the first event holds up those after it, under one id")
            receiver.answer(204)
            try await site.serve { webhooks in
                #expect(try await eventually { try await webhooks.webhook(id).failures == 0 })
                #expect(try await eventually { receiver.messages.last?.subject == "b" })
                let later = receiver.messages.dropFirst(before.count)
                #expect(later.map(\.subject).suffix(2) == ["a", "b"])
                let delivery = try await webhooks.deliveries(id, before: nil, limit: 10).last { $0.kind == "job.ended" }
                #expect((delivery?.attempts ?? 0) > 1 && delivery?.isDelivered == true)
            }
        }
    }

    @Test func oneThatIsGoneIsGivenUpWithAnEventAndGoesOnWhenEnabled() async throws {
        try await with { site, receiver, url in
            try await site.serve { webhooks in
                receiver.answer(410)
                let (webhook, _) = try await webhooks.add(url: url, kinds: "job.*", owner: .local)
                try await site.log.append(subject: "a", kind: "job.ended", data: .null)
                #expect(try await eventually { try await webhooks.webhook(webhook.id).disabledAt != nil })
                let kinds = try await site.log.events(after: 0, subject: nil, limit: 10).map(\.kind)
                #expect(kinds.contains("webhook.disabled"))
                receiver.answer(200)
                let count = receiver.messages.count
                _ = try await webhooks.enable(webhook.id)
                #expect(try await eventually { receiver.messages.count == count + 1 })
                try await webhooks.remove(webhook.id)
                try await site.log.append(subject: "b", kind: "job.ended", data: .null)
                await #expect(throws: RucheError.self) { try await webhooks.test(webhook.id) }
                #expect(receiver.messages.count == count + 1)
            }
        }
    }

    @Test func redirectsAreNotFollowedAndLongFailuresAreGivenUp() async throws {
        try await with(giveUp: .zero) { site, receiver, url in
            try await site.serve { webhooks in
                receiver.answer(302)
                let (webhook, _) = try await webhooks.add(url: url, kinds: "job.*", owner: .local)
                let test = try await webhooks.test(webhook.id)
                #expect(test.status == 302 && !test.isDelivered && test.kind == "webhook.test")
                try await site.log.append(subject: "a", kind: "job.ended", data: .null)
                #expect(
                    try await eventually {
                        try await webhooks.webhook(webhook.id).disabledReason?.contains("302") == true
                    })
            }
        }
    }

    @Test func addressesOfThisMachineAreRefusedUnlessAllowed() async throws {
        try await with(allowsPrivate: false) { site, receiver, url in
            try await site.serve { webhooks in
                for text in [
                    url, "ftp://example.org", "https://", "x", "https://a:b@example.org/", "https://example.org/#x",
                    "https://exa mple.org/", "file:///etc/passwd", "",
                ] {
                    await #expect(throws: RucheError.self, "\(text)") {
                        try await webhooks.add(url: text, kinds: "", owner: .local)
                    }
                }
                for host in ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"] {
                    let secure = url.replacing("http://localhost", with: "https://\(host)")
                    let (webhook, _) = try await webhooks.add(url: secure, kinds: "job.*", owner: .local)
                    let delivery = try await webhooks.test(webhook.id)
                    #expect(delivery.status == nil && delivery.failure?.contains("webhook_allow_private") == true)
                }
                #expect(receiver.messages.isEmpty)
            }
        }
    }
}

/// A data folder and what is needed to run the service over it again and again.
private struct Site: Sendable {
    let folder: FilePath
    let database: SQLiteDatabase
    let log: DatabaseEventLog
    let allowsPrivate: Bool
    let giveUp: Duration

    func serve<Result: Sendable>(
        _ body: @escaping @Sendable (WebhookService) async throws -> Result
    ) async throws -> Result {
        var configuration = WebhookServiceConfiguration(
            data: folder, database: database, events: log,
            poster: GuardedPoster(allowsPrivate: allowsPrivate, timeout: .seconds(60)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        configuration.schedule = RetrySchedule(first: .milliseconds(20), longest: .milliseconds(50), giveUp: giveUp)
        let service = WebhookService(configuration)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await service.run()
                return nil
            }
            group.addTask { try await body(service) }
            while let result = try await group.next() {
                if let result {
                    group.cancelAll()
                    return result
                }
            }
            throw CancellationError()
        }
    }
}

/// Keeps what is posted to it.
private final class Receiver: Sendable {
    struct Message: Sendable {
        var id: String
        var timestamp: Int64
        var signature: String
        var subject: String
        var body: [UInt8]
    }

    private let state = Mutex<(status: Int, messages: [Message])>((200, []))

    var messages: [Message] { state.withLock { $0.messages } }

    func answer(_ status: Int) { state.withLock { $0.status = status } }

    var route: Route {
        Route(.post, "/hook", access: .anyone, RouteDocumentation("h")) { request, _ in
            let body = try await request.bytes(limit: 1 << 20)
            let value = try JSONCoding.decode(JSONValue.self, from: body)
            func header(_ name: String) -> String { HTTPField.Name(name).flatMap { request.headers[$0] } ?? "" }
            let message = Message(
                id: header("webhook-id"), timestamp: Int64(header("webhook-timestamp")) ?? 0,
                signature: header("webhook-signature"), subject: value["data"]?["subject"]?.stringValue ?? "",
                body: Array(body.readableBytesView))
            let status = self.state.withLock { state in
                state.messages.append(message)
                return state.status
            }
            return Response(status: .init(code: status), headers: status == 302 ? [.location: "/hook"] : [:])
        }
    }
}
