import RucheClient
import RucheCore
import RucheWire

/// What comes of an operation.
enum OperationEnd {
    /// The result of an operation that succeeded; throws its failure otherwise.
    static func result(of operation: OperationDocument) throws -> JSONValue {
        if let failure = operation.failure {
            throw RucheError(
                failure.code, failure.message, details: failure.details, problems: failure.problems)
        }
        switch operation.state {
        case "succeeded": return operation.result ?? .null
        case "cancelled": throw RucheError(.cancelled, "\(operation.title) was cancelled")
        default: throw RucheError(.internalError, "\(operation.title) is \(operation.state) and gives no reason")
        }
    }

    static func result<Value: Decodable>(of operation: OperationDocument, as type: Value.Type) throws -> Value {
        try JSON.convert(try result(of: operation), to: type)
    }

    /// Waits for the end of an operation, and tells now and then how far it is.
    static func follow(
        _ operation: OperationDocument, _ client: APIClient, _ onProgress: @escaping @Sendable (Double) -> Void
    ) async throws -> OperationDocument {
        try await withThrowingTaskGroup(of: OperationDocument?.self) { group in
            group.addTask { try await client.finish(operation) }
            group.addTask {
                while true {
                    try await Task.sleep(for: .milliseconds(500))
                    if let progress = try await client.operation(operation.id).progress { onProgress(progress) }
                }
            }
            defer { group.cancelAll() }
            while let end = try await group.next() { if let end { return end } }
            return try await client.operation(operation.id)
        }
    }

    /// Asks for the end of an operation and tells the person.
    static func cancel(_ id: Identifier, _ client: APIClient, _ output: Output) async {
        output.note("cancelling; press Ctrl-C again to leave at once", .yellow)
        do { try await client.cancelOperation(id) } catch {
            output.warn("could not cancel operation \(id): \(error)", .red)
        }
    }
}
