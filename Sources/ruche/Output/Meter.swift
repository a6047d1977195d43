import RucheCore
import Synchronization

/// A progress bar that work on other tasks moves, shown once it takes over a second.
final class Meter: Sendable {
    private struct State {
        var meter: ProgressMeter
    }

    private let state: Mutex<State>
    private let start = ContinuousClock.now

    init(_ label: String, unit: ProgressMeter.Unit, total: Int64? = nil) {
        state = Mutex(State(meter: ProgressMeter(label: label, unit: unit, total: total)))
    }

    func set(_ done: Int64, of total: Int64? = nil) {
        state.withLock {
            $0.meter.done = done
            if let total { $0.meter.total = total }
        }
    }

    private func lines() -> [StyledLine] {
        let elapsed = (ContinuousClock.now - start).seconds
        guard elapsed >= 1 else { return [] }
        return [state.withLock { $0.meter.line(elapsed: elapsed) }]
    }

    /// Runs `body` with the bar below what is written meanwhile.
    func show<Result: Sendable>(
        on output: Output, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await Ticker.run(output.liveRegion(), { self.lines() }, body)
    }
}
