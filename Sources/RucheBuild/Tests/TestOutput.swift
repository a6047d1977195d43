import RucheHost
import Synchronization

/// Puts the output of tests that run side by side in the order of the tests: one's lines pass as they come, the
/// others' are kept until it has ended.
final class TestOutput: Sendable {
    private struct State {
        /// Tests that have not been told of whole, the one that passes first.
        var pending: ArraySlice<Int>
        var kept: [Int: [OutputLine]] = [:]
        var ended: Set<Int> = []
    }

    /// Lines of one test that are kept while it waits for its turn.
    private static let limit = 10_000

    private let state: Mutex<State>
    private let next: @Sendable (OutputLine) -> Void

    init(_ tests: [Int], next: @escaping @Sendable (OutputLine) -> Void) {
        state = Mutex(State(pending: tests[...]))
        self.next = next
    }

    func take(_ line: OutputLine, of test: Int) {
        // Sent with the lock held, so that lines stay in order.
        state.withLock { state in
            if state.pending.first == test { return next(line) }
            let count = state.kept[test, default: []].count
            guard count <= Self.limit else { return }
            let isLast = count == Self.limit
            let note = OutputLine(stream: .stderr, text: "(more output of this test is not shown)")
            state.kept[test, default: []].append(isLast ? note : line)
        }
    }

    func end(of test: Int) {
        state.withLock { state in
            state.ended.insert(test)
            while let first = state.pending.first, state.ended.contains(first) {
                state.pending.removeFirst()
                // The next one's turn: what it said so far, then its lines as they come.
                guard let following = state.pending.first else { return }
                for line in state.kept.removeValue(forKey: following) ?? [] { next(line) }
            }
        }
    }
}
