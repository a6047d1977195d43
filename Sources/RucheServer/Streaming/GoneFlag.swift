import Hummingbird
import ServiceLifecycle
import Synchronization

/// Whether a reader has gone: lets the reading of something silent end when the client closes its side, or the server
/// stops.
final class GoneFlag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }

    /// Sets the flag when the time comes. Ends then, or by cancellation.
    func watch(_ request: Request) async throws {
        try await request.body.consumeWithInboundCloseHandler { _ in
            do { try await gracefulShutdown() } catch is CancellationError { return }
            self.set()
        } onInboundClosed: {
            self.set()
        }
    }
}
