import RucheClient
import RucheCore
import RucheWire
import Synchronization

/// Shows a build while it goes: lines redrawn in place on a terminal, a line a finished step elsewhere,
/// an event a line as JSON.
final class BuildView: Sendable {
    private let progress = Mutex(BuildProgress())
    private let view: LiveView
    private var output: Output { view.output }

    init(_ context: CommandContext) { view = LiveView(context) }

    func apply(_ event: EventDocument) throws {
        try output.jsonLine(event)
        guard let finished = progress.withLock({ $0.apply(event) }) else { return }
        view.note(progress.withLock { $0.line(finished, now: view.now()) }.plain)
    }

    /// Redraws while `body` runs.
    func show<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await view.show({ width in self.progress.withLock { $0.lines(now: self.view.now(), width: width) } }, body)
    }

    /// The whole log of the step that failed, on standard error.
    func showFailure(of operation: OperationDocument, _ client: APIClient) async {
        guard output.format != .json, let failure = operation.failure else { return }
        guard let index = failure.details["step"].flatMap({ Int($0) }) ?? progress.withLock({ $0.failed?.plan.index })
        else { return }
        let title = progress.withLock { $0.steps.first { $0.plan.index == index }?.plan.title }
        output.warn("--- log of step \(index)\(title.map { " (\($0))" } ?? "")", .bold)
        do {
            try await client.operationLog(operation.id, step: index) { output.warn($0.text) }
        } catch {
            output.warn("the log can't be read: \(error)", .red)
        }
        output.warn("---", .bold)
    }
}
