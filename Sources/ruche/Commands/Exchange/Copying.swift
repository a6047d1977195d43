import RucheClient
import RucheCore
import RucheWire

/// Copies one release after the other between two sites, with a bar.
struct Copying: Sendable {
    let source: APIClient
    let target: APIClient
    let output: Output
    var width = 4

    func copy(
        _ reference: ReleaseReference, _ verb: String,
        change: @escaping @Sendable (inout TransferDocument) -> Void = { _ in }
    ) async throws -> ReleaseTransfer.Outcome {
        let meter = Meter("\(verb) \(reference)", unit: .bytes)
        let transfer = ReleaseTransfer(from: source, to: target, width: width)
        return try await meter.show(on: output) {
            meter.start()
            return try await transfer.copy(reference, change: change) { meter.set($0, of: $1) }
        }
    }

    /// The releases that a reference means: one, or all of an environment that stand.
    static func releases(
        _ reference: ReleaseReference, all: Bool, _ client: APIClient
    ) async throws -> [ReleaseReference] {
        guard all else { return [reference] }
        let found = try await client.releases(name: reference.name.description)
            .filter { $0.name == reference.name && $0.revokedReason == nil }
        guard !found.isEmpty else { throw RucheError(.notFound, "\(reference.name) has no release there") }
        return found.map { ReleaseReference(name: $0.name, selector: $0.version.description) }.reversed()
    }

    static func tell(_ outcome: ReleaseTransfer.Outcome, _ verb: String, _ output: Output) throws {
        output.quiet(outcome.release)
        try output.jsonLine(outcome)
        output.line(
            outcome.blobs == 0
                ? "\(outcome.release) was whole there already, \(outcome.digest)"
                : "\(verb) \(outcome.release): \(HumanText.count(outcome.blobs, "blob")), "
                    + "\(HumanText.size(outcome.bytes)), \(outcome.digest)")
    }
}
