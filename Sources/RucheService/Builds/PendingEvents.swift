import Synchronization

/// Events of a build that wait to be written together.
final class PendingEvents: Sendable {
    private let drafts = Mutex<[EventDraft]>([])

    func add(_ draft: EventDraft) { drafts.withLock { $0.append(draft) } }

    /// What was added since the last call, in order.
    func take() -> [EventDraft] {
        drafts.withLock { drafts in
            defer { drafts = [] }
            return drafts
        }
    }
}
