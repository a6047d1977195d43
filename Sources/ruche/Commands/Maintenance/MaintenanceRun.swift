import RucheClient
import RucheCore
import RucheWire

/// Runs a maintenance operation with a bar, and returns its result.
enum MaintenanceRun {
    static func run<Value: Codable & Sendable>(
        _ kind: String, label: String, dryRun: Bool = false, options: [(String, String?)] = [],
        as type: Value.Type, _ context: CommandContext
    ) async throws -> Value {
        let meter = Meter(label, unit: .parts)
        let operation = try await meter.show(on: context.output) {
            try await context.withClient { client in
                let operation = try await client.startMaintenance(kind, dryRun: dryRun, options: options)
                context.interrupts.onFirst { await OperationEnd.cancel(operation.id, client, context.output) }
                return try await client.finish(operation) { event in
                    guard case .number(let value)? = event.data["progress"] else { return }
                    meter.set(Int64(value * 1000), of: 1000)
                }
            }
        }
        return try OperationEnd.result(of: operation, as: type)
    }
}
