package import RucheCore
import Synchronization

/// One request that brings bytes of an upload.
package final class UploadWriter: Sendable {
    package let id: Identifier
    let session: UploadSession
    let number: Int
    private let interval: Duration
    private let state: Mutex<State>

    private struct State {
        /// Bytes that may still come.
        var room: Int64
        var lastNews = ContinuousClock.now
    }

    init(id: Identifier, session: UploadSession, number: Int, room: Int64, interval: Duration) {
        self.id = id
        self.session = session
        self.number = number
        self.interval = interval
        state = Mutex(State(room: room))
    }

    /// Throws `invalid_input` for more bytes than the upload has, `disk_full`, and `conflict` when another request
    /// took the upload over.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        let isTooMuch = state.withLock { state in
            state.room -= Int64(bytes.count)
            return state.room < 0
        }
        guard !isTooMuch else {
            throw RucheError(.invalidInput, "there are more bytes than the upload \(id) has: its length was announced")
        }
        try session.write(bytes, as: number)
    }

    /// Whether it is time to tell of the progress.
    package func hasNews() -> Bool {
        state.withLock { state in
            guard ContinuousClock.now - state.lastNews >= interval else { return false }
            state.lastNews = .now
            return true
        }
    }
}
