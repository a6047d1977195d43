package import RucheCore
package import SystemPackage

/// What an operation does. Its result is the operation's; what it throws becomes the operation's failure.
package typealias OperationBody = @Sendable (OperationContext) async throws -> JSONValue

/// Starts, records, follows and cancels operations.
///
/// One with inputs that was running when the server ended, by whatever death, goes on at the next start. One
/// without is then `failed` with code `cancelled`.
package protocol OperationRunning: Sendable {
    /// Starts `body` in the service's own task group, so that it does not end with the request.
    /// It belongs to whom the running code acts for (`Acting`), and so do the events of its body.
    /// Events: `operation.started`, `operation.resumed`, `operation.ended`.
    ///
    /// `inputs` is a folder with all that the body needs, from which another process can do it again. It moves
    /// into the operation's own folder before this returns, and goes when the operation has ended.
    func start(
        kind: String, title: String, inputs: FilePath?, _ body: @escaping OperationBody
    ) async throws -> OperationRecord
    func operation(_ id: Identifier) async throws -> OperationRecord?
    /// Newest first, of `owners` only.
    func operations(
        before cursor: Identifier?, owners: OwnerSelection, limit: Int
    ) async throws -> [OperationRecord]
    /// Cancels; a final operation stays as it is.
    func cancel(_ id: Identifier) async throws -> OperationRecord
}

extension OperationRunning {
    package func operations(before cursor: Identifier?, limit: Int) async throws -> [OperationRecord] {
        try await operations(before: cursor, owners: .all, limit: limit)
    }

    /// Starts what can't go on in another process.
    package func start(kind: String, title: String, _ body: @escaping OperationBody) async throws -> OperationRecord {
        try await start(kind: kind, title: title, inputs: nil, body)
    }
}

/// What the body of an operation gets.
package struct OperationContext: Sendable {
    package let id: Identifier
    package let events: any EventLog
    /// The operation's own log file; nil in tests that need none.
    package let log: OperationLog?
    /// Where the inputs are that the operation was started with.
    package let inputs: FilePath?
    /// Tells how far the operation is, 0…1.
    package let report: @Sendable (Double) async -> Void

    package init(
        id: Identifier, events: any EventLog, log: OperationLog? = nil, inputs: FilePath? = nil,
        report: @escaping @Sendable (Double) async -> Void = { _ in }
    ) {
        self.id = id
        self.events = events
        self.log = log
        self.inputs = inputs
        self.report = report
    }

    package var subject: String { "operation:\(id)" }
}
