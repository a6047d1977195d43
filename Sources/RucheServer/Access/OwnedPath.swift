package import RucheCore
package import RucheService

/// The part of the API below one kind of thing: the responder asks for its owner before any handler runs, so that a
/// route that is added below it can't forget to.
package struct OwnedPath: Sendable {
    /// A template that ends with the identifier, such as `/api/v1/jobs/{id}`.
    package var path: String
    /// What it is in messages, such as `job`.
    package var noun: String
    /// The owner of the thing with an identifier; throws what a handler throws when there is none.
    package var owner: @Sendable (Identifier) async throws -> OwnerName

    package init(
        _ path: String, noun: String, owner: @escaping @Sendable (Identifier) async throws -> OwnerName
    ) {
        self.path = path
        self.noun = noun
        self.owner = owner
    }

    package static func jobs(_ jobs: JobService) -> OwnedPath {
        OwnedPath("/api/v1/jobs/{id}", noun: "job") { try await jobs.job($0).ownerName }
    }

    package static func instances(_ instances: InstanceService) -> OwnedPath {
        OwnedPath("/api/v1/instances/{id}", noun: "instance") { try await instances.instance($0).owner }
    }

    package static func operations(_ operations: some OperationRunning) -> OwnedPath {
        OwnedPath("/api/v1/operations/{id}", noun: "operation") { id in
            guard let record = try await operations.operation(id) else { throw missing("operation", id) }
            return record.owner ?? .local
        }
    }

    func covers(_ route: Route) -> Bool { route.path == path || route.path.hasPrefix(path + "/") }

    /// Throws what `Caller.require` says.
    func check(_ right: Right, _ identifier: String, _ caller: Caller) async throws {
        guard let id = Identifier(identifier) else { return }  // names nothing, as the handler will say
        try caller.require(right, on: try await owner(id), else: Self.missing(noun, id))
    }

    private static func missing(_ noun: String, _ id: Identifier) -> RucheError {
        RucheError(.notFound, "there is no \(noun) \(id)", details: [noun: id.description])
    }
}
