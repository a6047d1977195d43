package import RucheCore

/// Starts, records, follows and cancels operations. One that was running when the process died is
/// `failed` with code `cancelled` and says so after the next start.
package protocol OperationRunning: Sendable {
    /// Starts `body` in the service's own task group, so that it does not end with the request.
    /// What it throws becomes the operation's failure. Events: `operation.started`, `operation.ended`.
    func start(
        kind: String, title: String, _ body: @escaping @Sendable (OperationContext) async throws -> JSONValue
    ) async throws -> OperationRecord
    func operation(_ id: Identifier) async throws -> OperationRecord?
    func operations(before cursor: Identifier?, limit: Int) async throws -> [OperationRecord]
    /// Cancels; a final operation stays as it is.
    func cancel(_ id: Identifier) async throws -> OperationRecord
}

/// What the body of an operation gets.
package struct OperationContext: Sendable {
    package let id: Identifier
    package let events: any EventLog
    /// The operation's own log file; nil in tests that need none.
    package let log: OperationLog?
    /// Tells how far the operation is, 0…1.
    package let report: @Sendable (Double) async -> Void

    package init(
        id: Identifier, events: any EventLog, log: OperationLog? = nil,
        report: @escaping @Sendable (Double) async -> Void = { _ in }
    ) {
        self.id = id
        self.events = events
        self.log = log
        self.report = report
    }

    package var subject: String { "operation:\(id)" }
}
