import Hummingbird
import Logging
import RucheHost
import RucheServer
import ServiceLifecycle
import SystemPackage

/// Routes behind real sockets.
enum ServedRoutes {
    /// Runs a server around `body` and returns how long its graceful shutdown took.
    @discardableResult
    static func with(
        _ routes: [Route], _ change: (inout APIServerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (ListeningAddresses) async throws -> Void
    ) async throws -> Duration {
        var configuration = APIServerConfiguration()
        configuration.token = AccessToken("0123456789abcdef0123")
        configuration.shutdownGrace = .seconds(1)
        let folder = try TemporaryDirectory.make(in: "/tmp", prefix: "server")
        defer { try? FileTree.remove(folder) }
        configuration.privateSocket = folder.appending("run").appending("api.sock")
        configuration.jobSocket = folder.appending("notify").appending("notify.sock")
        configuration.network = .init(host: "127.0.0.1", port: 0)
        change(&configuration)
        let (ready, signal) = AsyncStream<ListeningAddresses>.makeStream()
        let server = APIServer(routes: routes, configuration: configuration, logger: Logger(label: "test")) {
            signal.yield($0)
            signal.finish()
        }
        let group = ServiceGroup(configuration: .init(services: [server], logger: Logger(label: "test")))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { signal.finish() }
                try await group.run()
            }
            for await addresses in ready { try await body(addresses) }
            let start = ContinuousClock.now
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return ContinuousClock.now - start
        }
    }
}
