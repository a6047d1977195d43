import RucheCore
import Synchronization
import UnixSignals

/// What Ctrl-C and TERM do: first what the command asked for, or a cancellation; the second time always that.
final class Interrupts: Sendable {
    private let handler = Mutex<(@Sendable () async -> Void)?>(nil)

    /// Runs once at the first interruption; the command goes on meanwhile and ends by itself.
    func onFirst(_ handle: @escaping @Sendable () async -> Void) { handler.withLock { $0 = handle } }

    /// Runs `body`; it is cancelled by a signal that no handler took.
    func guarding(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return true
            }
            group.addTask {
                for await _ in signals { if await !self.takeFirst() { break } }
                return false
            }
            defer { group.cancelAll() }
            if try await group.next() == false {
                group.cancelAll()
                // The body says what came of it; without an error it had ended before the signal.
                while try await group.next() == false {}
            }
        }
    }

    private func takeFirst() async -> Bool {
        let handle = handler.withLock { handler in
            defer { handler = nil }
            return handler
        }
        guard let handle else { return false }
        await handle()
        return true
    }
}
