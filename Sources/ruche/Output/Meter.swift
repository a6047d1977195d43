import RucheCore
import Synchronization

/// A progress bar that work on other tasks moves, shown once it takes over a second.
final class Meter: Sendable {
    private struct State {
        var meter: ProgressMeter
        var start = ContinuousClock.now
        var isFirst = true
    }

    private let state: Mutex<State>

    init(_ label: String, unit: ProgressMeter.Unit, total: Int64? = nil) {
        state = Mutex(State(meter: ProgressMeter(label: label, unit: unit, total: total)))
    }

    /// Counts the time from now, for what is not begun when the bar is made. Where it goes on says the first `set`.
    func start() { state.withLock { $0.start = .now } }

    func set(_ done: Int64, of total: Int64? = nil) {
        state.withLock {
            if $0.isFirst { $0.meter.before = done }
            $0.isFirst = false
            $0.meter.done = done
            if let total { $0.meter.total = total }
        }
    }

    func lines() -> [StyledLine] {
        state.withLock { state in
            let elapsed = (ContinuousClock.now - state.start).seconds
            return elapsed >= 1 ? [state.meter.line(elapsed: elapsed)] : []
        }
    }

    /// Runs `body` with the bar below what is written meanwhile.
    func show<Result: Sendable>(
        on output: Output, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await Ticker.run(output.liveRegion(), { self.lines() }, body)
    }
}
