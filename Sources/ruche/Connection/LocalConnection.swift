import RucheClient
import RucheCore
import RucheHost
import RucheService
import RucheWire
import Synchronization
import SystemPackage

/// The server over the local data directory: in this process when nobody else serves it, else the one there is.
///
/// One task waits for the lock of the data directory all the time, so that this process takes over when
/// the one that served ends while a command here still follows something.
struct LocalConnection: Connecting {
    let options: ServingOptions
    let serving: any Serving
    let output: Output

    /// Seconds that the server of another process may take to answer.
    private static let patience = Duration.seconds(20)

    private final class Status: Sendable {
        struct Value {
            /// This process has the lock: what its server does before it answers takes as long as it takes.
            var hasTurn = false
            var isServing = false
            var failure: (any Error)?
        }
        let value = Mutex(Value())
    }

    func withClient<Result: Sendable>(
        _ body: @escaping @Sendable (APIClient) async throws -> Result
    ) async throws -> Result {
        try Self.prepare(options)
        let status = Status()
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await keep(status)
                return nil
            }
            group.addTask { try await use(status, body) }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                // The server's end is awaited, and its errors come too late to matter to this command.
                while let _ = try? await group.next() {}
                return result
            }
            throw CancellationError()
        }
    }

    /// Folders of the data directory that exist before anything is served.
    static func prepare(_ options: ServingOptions) throws {
        do {
            try FileTree.makeFolder(options.data, permissions: 0o700)
            try FileTree.makeFolder(options.data.appending("run"), permissions: 0o700)
        } catch let error as Errno {
            let code: ErrorCode = error == .noSpace ? .diskFull : .notPermitted
            throw RucheError(
                code, "can't use the data directory \(options.data): \(error); name another one with --data",
                cause: error)
        }
        guard options.socket.string.utf8.count <= 107 else {
            throw RucheError(
                .invalidInput,
                "the path of the socket \(options.socket) is over 107 bytes; choose a shorter data directory")
        }
    }

    private func keep(_ status: Status) async throws {
        let turn = try await ServerLock.acquire(options.data)
        status.value.withLock { $0.hasTurn = true }
        // A command that nobody waits for is not held up by the work of one that was killed.
        var options = options
        options.resumes = turn.isSuccessor
        do {
            try await serving.serve(options) { _ in status.value.withLock { $0.isServing = true } }
        } catch {
            status.value.withLock { $0.failure = error }
            throw error
        }
        withExtendedLifetime(turn.lock) {}
        try Task.checkCancellation()
        throw RucheError(.serverUnavailable, "the server in this process ended by itself")
    }

    private func use<Result: Sendable>(
        _ status: Status, _ body: @Sendable (APIClient) async throws -> Result
    ) async throws -> Result? {
        let probe = APIClient(address: .unix(options.socket))
        let client = APIClient(address: .unix(options.socket)) { try await waitUntilServed(status, probe) }
        do {
            try await waitUntilServed(status, probe)
            let result = try await body(client)
            try await drain(status, client)
            await close(client, probe)
            return result
        } catch {
            await close(client, probe)
            throw error
        }
    }

    private func close(_ clients: APIClient...) async { for client in clients { await client.close() } }

    private func waitUntilServed(_ status: Status, _ probe: APIClient) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let value = status.value.withLock { $0 }
            if let failure = value.failure { throw failure }
            if value.isServing { return }
            if FileTree.exists(options.socket), await answers(probe) { return }
            // Asked now: the turn may have come while the other one did not answer.
            guard status.value.withLock({ $0.hasTurn }) || ContinuousClock.now < deadline else {
                throw RucheError(
                    .serverUnavailable,
                    "the process that serves \(options.data) does not answer at \(options.socket)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func answers(_ probe: APIClient) async -> Bool {
        do {
            _ = try await probe.server()
            return true
        } catch {
            return false  // asked again until the deadline
        }
    }

    /// Commands of other processes may have started work in this one's server. It ends with them, or where it can go
    /// on elsewhere, with the hand-over to one that waits.
    private func drain(_ status: Status, _ client: APIClient) async throws {
        guard status.value.withLock({ $0.isServing }) else { return }
        let running = try await client.operations(limit: 50).filter { $0.state == "running" }
        for operation in running {
            if operation.kind == BuildService.kind, try ServerLock.hasWaiters(options.data) { continue }
            output.note("waiting for \(operation.kind) of another command (\(operation.title)); Ctrl-C stops it")
            _ = try await client.finish(operation)
        }
        // What ended while nobody served is collected by the first command: stopped again, it would never be.
        while try await !client.jobs(state: .finalizing, limit: 1).isEmpty {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
