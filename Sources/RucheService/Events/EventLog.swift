package import RucheCore

/// Something that happened. Events are appended, never changed; `sequence` has no gaps a reader could miss.
package struct Event: Hashable, Sendable, Codable {
    package var sequence: Int64
    /// Milliseconds since 1970.
    package var time: Int64
    /// What it is about: `job:ID`, `operation:ID`, `release:owner/name:version`, `server`.
    package var subject: String
    /// `<noun>.<past participle>`: `job.started`, `job.progressed`, `build.step-finished`, …
    package var kind: String
    package var data: JSONValue
    /// Whose members may see it; nil is for those who may read the whole site.
    package var owner: OwnerName?
    /// Who caused it; nil is the server itself.
    package var actor: String?

    package init(
        sequence: Int64, time: Int64, subject: String, kind: String, data: JSONValue, owner: OwnerName? = nil,
        actor: String? = nil
    ) {
        self.sequence = sequence
        self.time = time
        self.subject = subject
        self.kind = kind
        self.data = data
        self.owner = owner
        self.actor = actor
    }
}

/// The append-only table of events, and live streams of it.
package protocol EventLog: Sendable {
    @discardableResult
    func append(subject: String, kind: String, data: JSONValue) async throws -> Event
    /// Appends several in order.
    func append(_ drafts: [EventDraft]) async throws
    /// Events after `sequence`, oldest first, at most `limit`; of one subject when it is given.
    func events(after sequence: Int64, subject: String?, limit: Int) async throws -> [Event]
    /// Replays after `sequence`, then follows. The reader sets the pace: a slow one reads from the table
    /// later, so nothing is dropped and nothing is kept for it. Ends when its task is cancelled.
    func follow(after sequence: Int64, subject: String?) -> AsyncThrowingStream<Event, any Error>
}

extension EventLog {
    package func append(_ drafts: [EventDraft]) async throws {
        for draft in drafts { try await append(subject: draft.subject, kind: draft.kind, data: draft.data) }
    }
}
