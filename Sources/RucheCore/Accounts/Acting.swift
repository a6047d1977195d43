/// In whose name the running code acts, and whose things come of it where nothing else says so.
///
/// It goes along with the task, as the metadata of a log does: every event says who caused it without each function
/// between the request and the table having to know.
package struct Acting: Hashable, Sendable {
    /// Who is named in events; nil for the server itself.
    package var actor: String?
    /// The owner of events and operations that name no other; nil shows them to who may read the whole site.
    package var owner: OwnerName?

    package init(actor: String?, owner: OwnerName?) {
        self.actor = actor
        self.owner = owner
    }

    @TaskLocal package static var current = Acting(actor: nil, owner: nil)

    /// Runs `body` for the same actor; what comes of it belongs to `owner`.
    nonisolated(nonsending)
        package static func on<Result>(_ owner: OwnerName, _ body: () async throws -> Result) async rethrows -> Result
    {
        try await $current.withValue(Acting(actor: current.actor, owner: owner)) { try await body() }
    }
}
