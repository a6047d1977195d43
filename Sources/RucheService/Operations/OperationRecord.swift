package import RucheCore

/// Long work: `202` and a place to watch it.
package struct OperationRecord: Hashable, Sendable, Codable {
    package enum State: String, Hashable, Sendable, Codable {
        case running, succeeded, failed, cancelled

        package var isFinal: Bool { self != .running }
    }

    package struct Failure: Hashable, Sendable, Codable {
        package var code: ErrorCode
        package var message: String
        package var details: [String: String]
        package var problems: [Problem]
        package init(code: ErrorCode, message: String, details: [String: String], problems: [Problem]) {
            self.code = code
            self.message = message
            self.details = details
            self.problems = problems
        }
    }

    package var id: Identifier
    /// `build`, `gc`, `verify`, `rebuild`, `import`.
    package var kind: String
    package var title: String
    package var state: State
    /// Milliseconds since 1970.
    package var createdAt: Int64
    package var endedAt: Int64?
    /// 0…1, when it is known.
    package var progress: Double?
    package var result: JSONValue?
    package var failure: Failure?
    /// Whose members may see it, and who started it; nil is the server itself.
    package var owner: OwnerName?
    package var createdBy: String?

    package init(id: Identifier, kind: String, title: String, state: State, createdAt: Int64) {
        self.id = id
        self.kind = kind
        self.title = title
        self.state = state
        self.createdAt = createdAt
    }
}
