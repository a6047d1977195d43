import NIOHTTP1
package import RucheCore
package import RucheWire

extension APIClient {
    package func operation(_ id: Identifier) async throws -> OperationDocument {
        try await document(APIRequest(.GET, "/api/v1/operations/\(id)"), as: OperationDocument.self)
    }

    /// Newest first.
    package func operations(limit: Int? = nil) async throws -> [OperationDocument] {
        try await all("/api/v1/operations", limit: limit, of: OperationDocument.self)
    }

    /// Cancels a running operation; a final one stays as it is.
    package func cancelOperation(_ id: Identifier) async throws {
        try await discard(APIRequest(.DELETE, "/api/v1/operations/\(id)"))
    }

    /// The log of an operation so far, of one step when it is given.
    package func operationLog(
        _ id: Identifier, step: Int? = nil, onLine: (StepLogLine) async throws -> Void
    ) async throws {
        let request = APIRequest(
            .GET, "/api/v1/operations/\(id)/log", query: [("step", step.map { "\($0)" })],
            accept: "application/jsonl")
        try await lines(request, as: StepLogLine.self, onLine: onLine)
    }

    /// `gc`, `verify` or `rebuild`.
    package func startMaintenance(
        _ kind: String, dryRun: Bool = false, options: [(String, String?)] = []
    ) async throws -> OperationDocument {
        try await document(
            APIRequest(.POST, "/api/v1/maintenance/\(kind)", query: [("dry_run", dryRun ? "true" : nil)] + options),
            as: OperationDocument.self)
    }

    /// Follows the events of an operation until it ended, and returns it then. What failed is in `failure`.
    package func finish(
        _ operation: OperationDocument, onEvent: (EventDocument) async throws -> Void = { _ in }
    ) async throws -> OperationDocument {
        try await followEvents(subject: "operation:\(operation.id)") { event in
            try await onEvent(event)
            return event.kind == "operation.ended" ? .stop : .goOn
        }
        return try await self.operation(operation.id)
    }
}

/// One line of `GET /api/v1/operations/{id}/log`.
package struct StepLogLine: Codable, Hashable, Sendable {
    package var step: Int
    /// `stdout` or `stderr`.
    package var stream: String
    package var text: String

    package init(step: Int, stream: String, text: String) {
        self.step = step
        self.stream = stream
        self.text = text
    }
}
