import RucheCore
import RucheHost
import Synchronization

/// Sends a build's events on and keeps its log for the release.
final class BuildJournal: Sendable {
    /// Bytes of log that are kept: its start and, past half of it, its end.
    private static let limit = 8 << 20
    private struct State {
        var text: [UInt8] = []
        var isCut = false
    }
    private let state = Mutex(State())
    private let onEvent: @Sendable (BuildEvent) -> Void

    init(onEvent: @escaping @Sendable (BuildEvent) -> Void) { self.onEvent = onEvent }

    var log: [UInt8] { state.withLock { $0.text } }

    func planned(_ steps: [PlannedStep]) { onEvent(.planned(steps)) }

    func started(_ index: Int, _ title: String) {
        append("== step \(index): \(title)\n")
        onEvent(.stepStarted(index: index))
    }

    func finished(_ index: Int, _ outcome: StepOutcome) {
        append("== step \(index) \(outcome.state.rawValue)\n")
        onEvent(.stepFinished(index: index, outcome: outcome))
    }

    func output(of index: Int) -> @Sendable (OutputLine) -> Void {
        { line in
            self.append(line.text + "\n")
            self.onEvent(.stepOutput(index: index, line: line.text, isError: line.stream == .stderr))
        }
    }

    /// Tells of a failure and names the step in it. Cancellation passes untouched.
    func failing<Result>(
        _ index: Int, _ title: String, _ start: ContinuousClock.Instant, _ body: () async throws -> Result
    ) async throws -> Result {
        do { return try await body() } catch var error as RucheError {
            let code = error.details["exit_code"].flatMap { Int($0) }
            finished(
                index, StepOutcome(state: .failed, seconds: start.duration(to: .now).seconds, exitCode: code))
            error.details["step"] = String(index)
            error.details["title"] = title
            throw error
        } catch {
            finished(index, StepOutcome(state: .failed, seconds: start.duration(to: .now).seconds))
            throw error
        }
    }

    private func append(_ text: String) {
        state.withLock { state in
            guard state.text.count < Self.limit else {
                if !state.isCut { state.text += Array("== the rest of the log was not kept\n".utf8) }
                state.isCut = true
                return
            }
            state.text += Array(text.utf8)
        }
    }
}
