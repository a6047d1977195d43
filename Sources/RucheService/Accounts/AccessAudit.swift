package import RucheCore
import Synchronization

/// Somebody was refused something. Holds nothing that they showed or sent.
package struct DeniedAccess: Sendable {
    package var method: String
    /// The template of the route, without what stood in its place.
    package var route: String
    package var code: ErrorCode
    /// Who it was, or `anonymous`.
    package var actor: String
    package var address: String
    /// What was lacking, and on whose things.
    package var right: String?
    package var owner: String?

    package init(method: String, route: String, code: ErrorCode, actor: String, address: String) {
        self.method = method
        self.route = route
        self.code = code
        self.actor = actor
        self.address = address
    }
}

/// Writes down who was refused what, as events `access.denied` that only administrators see.
///
/// Each source may fill so many lines and all together so many: a flood costs a handful of rows an hour, and the next
/// row says how many refusals had none.
package final class AccessAudit: Sendable {
    package static let kind = "access.denied"
    /// Sources that are told apart at a time.
    private static let mostSources = 256

    private struct State {
        var all: TokenBucket
        var sources: [String: TokenBucket] = [:]
        var untold: Int64 = 0
    }

    private let events: DatabaseEventLog
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    init(_ events: DatabaseEventLog, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.events = events
        self.now = now
        state = Mutex(State(all: TokenBucket(rate: 0.1, burst: 200, now: now())))
    }

    package func record(_ denied: DeniedAccess) async throws {
        let source = denied.actor == Caller.anonymous.actor ? "address:\(denied.address)" : denied.actor
        guard let untold = take(source) else { return }
        var data: [String: JSONValue] = [
            "method": .string(denied.method), "route": .string(denied.route), "code": .string(denied.code.rawValue),
            "address": .string(denied.address),
        ]
        if let right = denied.right { data["right"] = .string(right) }
        if let owner = denied.owner { data["owner"] = .string(owner) }
        if untold > 0 { data["untold"] = .integer(untold) }
        try await events.append([
            EventDraft(subject: "site", kind: Self.kind, data: .object(data), actor: denied.actor)
        ])
    }

    /// How many had no row since the last one; nil when this one gets none either.
    private func take(_ source: String) -> Int64? {
        let time = now()
        return state.withLock { state in
            if state.sources[source] == nil, state.sources.count >= Self.mostSources { state.sources = [:] }
            var bucket = state.sources[source] ?? TokenBucket(rate: 1.0 / 60, burst: 20, now: time)
            let isTold = bucket.take(now: time) == nil && state.all.take(now: time) == nil
            state.sources[source] = bucket
            guard isTold else {
                state.untold += 1
                return nil
            }
            defer { state.untold = 0 }
            return state.untold
        }
    }
}
