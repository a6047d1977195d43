import RucheCore
import RucheHost
import SystemPackage

/// Takes what a container writes from the daemon to the console log, live.
///
/// Every record of the daemon becomes one line of the log, so the log's lines say how many records it has: a
/// process that takes over reads from the first one and passes over as many, which loses and doubles nothing.
struct DockerLogFollower: Sendable {
    let client: DockerClient
    /// The daemon's own number of the container: another one of the same name is another container.
    let container: String
    let scratch: FilePath
    let limit: Int64
    /// The daemon may not see the end of what it follows.
    let mayHang: Bool
    /// The daemon may end a followed log before its last lines.
    let rereads: Bool

    private static let attempts = 100

    /// Returns at the end of the container's output, or when the log is full or can't be written.
    func run() async {
        do {
            try FileTree.makeFolder(scratch)
            // The process before this one may still be writing.
            let lock = try await FileLock.acquire(scratch.appending("console.lock"))
            defer { withExtendedLifetime(lock) {} }
            try await followAll()
        } catch {
            return  // cancelled, or no disk: the container goes on without its log
        }
    }

    private func followAll() async throws {
        for attempt in 1...Self.attempts {
            do {
                if mayHang { try await readUntilOver() } else { try await read(follow: true) }
                if try await isOver() {
                    if rereads { try await read(follow: false) }
                    return
                }
            } catch let error as RucheError where error.code == .notFound {
                return
            } catch is EngineStreamEnd {
                return
            } catch let error as RucheError where error.code == .engineUnavailable {
                guard attempt < Self.attempts else { throw error }
            }
            try await Task.sleep(for: .milliseconds(min(20 * attempt, 2000)))
        }
    }

    /// Follows, and looks each second whether there is still something to follow.
    private func readUntilOver() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await read(follow: true) }
            group.addTask {
                while try await !isOver() { try await Task.sleep(for: .seconds(1)) }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func isOver() async throws -> Bool {
        guard let found = try await client.inspect(container) else { return true }
        return found.State.isEnded || found.State.Status == "removing"
    }

    private func read(follow: Bool) async throws {
        let query = [
            (name: "stdout", value: "true"), (name: "stderr", value: "true"), (name: "timestamps", value: "true"),
            (name: "follow", value: follow ? "true" : "false"),
        ]
        var writer = try ConsoleLogWriter(scratch.appending("console.log"), limit: limit)
        defer { writer.close() }
        var frames = DockerFrames()
        let request = EngineRequest("GET", "/containers/\(container)/logs", query: query, timeout: nil)
        let response = try await client.connection.stream(request) { piece in
            try writer.add(frames.feed(piece))
            if writer.isFull { throw EngineStreamEnd() }
        }
        try client.check(response)
    }
}
