import Hummingbird
import ServiceLifecycle
import Synchronization

/// Whether a reader has gone: lets the reading of something silent end when the client closes its side, when the reader
/// may not read any more, or the server stops.
final class GoneFlag: Sendable {
    private struct State {
        var isSet = false
        var refusal: (any Error)?
    }

    private let state = Mutex(State())
    var isSet: Bool { state.withLock { $0.isSet } }
    func set() { state.withLock { $0.isSet = true } }

    /// Throws why the reader may not read any more. Thrown in the middle of an answer, it breaks the answer off: what
    /// came is not taken for the whole.
    func checkRefusal() throws { if let refusal = state.withLock({ $0.refusal }) { throw refusal } }

    /// Sets the flag when the time comes. Ends then, or by cancellation.
    func watch(_ request: Request, _ standing: StreamStanding?) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.watchClient(request) }
            if let standing { group.addTask { await self.watch(standing) } }
            try await group.next()
            group.cancelAll()
        }
    }

    private func watchClient(_ request: Request) async throws {
        try await request.body.consumeWithInboundCloseHandler { _ in
            do { try await gracefulShutdown() } catch is CancellationError { return }
            self.set()
        } onInboundClosed: {
            self.set()
        }
    }

    private func watch(_ standing: StreamStanding) async {
        let (looks, look) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let unwatch = standing.watch { look.yield() }
        defer { unwatch() }
        look.yield()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    // A little later than the end that is known, so that it has passed.
                    let pause = min(standing.timeLeft ?? .seconds(1), .seconds(60)) + .milliseconds(20)
                    do { try await Task.sleep(for: pause) } catch { return }
                    look.yield()
                }
            }
            for await _ in looks {
                do { try await standing.check() } catch is CancellationError { break } catch {
                    state.withLock { $0 = State(isSet: true, refusal: error) }
                    break
                }
            }
            group.cancelAll()
        }
    }
}
