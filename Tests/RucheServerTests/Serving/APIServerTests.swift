import Glibc
import Hummingbird
import Logging
import RucheCore
import RucheHost
import RucheServer
import ServiceLifecycle
import SystemPackage
import Testing

@Suite struct APIServerTests {
    private static let routes = [
        Route(.get, "/api", access: .anyone, RouteDocumentation("a")) { _, _ in try .json(["ok": true]) },
        Route(.get, "/members", RouteDocumentation("m")) { _, _ in try .json(["ok": true]) },
        Route(.post, "/notify", access: .jobToken, RouteDocumentation("n")) { _, _ in .noContent },
        Route(.get, "/events", RouteDocumentation("e")) { request, context in
            let (events, sink) = AsyncThrowingStream<ServerSentEvent, any Error>.makeStream()
            sink.yield(ServerSentEvent(id: "7", event: "job.started", data: "one\ntwo"))
            return .eventStream(request, requestID: context.requestID, events)
        },
        Route(.get, "/failing", RouteDocumentation("f")) { request, context in
            .eventStream(
                request, requestID: context.requestID,
                AsyncThrowingStream { throw RucheError(.serverUnavailable, "too slow") })
        },
    ]

    /// Runs a server around `body` and returns how long its graceful shutdown took.
    @discardableResult
    private func withServer(
        _ change: (inout APIServerConfiguration) -> Void = { _ in },
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
        let server = APIServer(routes: Self.routes, configuration: configuration, logger: Logger(label: "test")) {
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

    private func mode(_ path: FilePath) -> UInt32 {
        var status = stat()
        return stat(path.string, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test func eachSocketServesWhatItIsFor() async throws {
        try await withServer { addresses in
            let own = try #require(addresses.privateSocket)
            #expect(mode(own) == 0o600 && mode(own.removingLastComponent()) == 0o700)
            let local = try RawConnection(unix: own)
            defer { local.close() }
            try local.send("GET /members HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(try await local.read().hasPrefix("HTTP/1.1 200"))

            let jobs = try #require(addresses.jobSocket)
            #expect(mode(jobs) == 0o666)
            let job = try RawConnection(unix: jobs)
            defer { job.close() }
            try job.send("GET /members HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await job.read(until: "}").hasPrefix("HTTP/1.1 404"))
            try job.send("POST /notify HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(try await job.read().hasPrefix("HTTP/1.1 204"))

            let port = try #require(addresses.network?.port)
            let far = try RawConnection(port: port)
            defer { far.close() }
            try far.send("GET /members HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await far.read(until: "}").hasPrefix("HTTP/1.1 401"))
            try far.send("GET /api HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
            #expect(try await far.read().hasPrefix("HTTP/1.1 403"))
        }
    }

    @Test func anOpenEventStreamEndsWithTheServer() async throws {
        let time = try await withServer { addresses in
            let client = try RawConnection(unix: try #require(addresses.privateSocket))
            try client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
            let text = try await client.read(until: "data: two")
            #expect(text.contains("id: 7") && text.contains("event: job.started") && text.contains("data: one"))
            // Left open on purpose: the server has to end without the client's help.
        }
        // The stream never ends by itself; a busy machine may take its time.
        #expect(time < .seconds(60))
    }

    @Test func aFailureOfAStreamIsItsLastEvent() async throws {
        try await withServer { addresses in
            let client = try RawConnection(unix: try #require(addresses.privateSocket))
            defer { client.close() }
            try client.send("GET /failing HTTP/1.1\r\nHost: x\r\n\r\n")
            let text = try await client.read(until: "server_unavailable")
            #expect(text.contains("event: error") && text.contains("too slow"))
        }
    }

    @Test func aConnectionThatNeverAsksIsClosed() async throws {
        try await withServer {
            $0.idleTimeout = .milliseconds(300)
        } _: { addresses in
            let client = try RawConnection(unix: try #require(addresses.privateSocket))
            defer { client.close() }
            try client.send("GET /members HTTP/1.1\r\nHost:")
            #expect(try await client.read() == "")
        }
    }

    @Test func headersHaveALimit() async throws {
        try await withServer { addresses in
            let client = try RawConnection(unix: try #require(addresses.privateSocket))
            defer { client.close() }
            let padding = String(repeating: "a", count: 40_000)
            try client.send("GET /members HTTP/1.1\r\nHost: x\r\nX-Long: \(padding)\r\n\r\n")
            #expect(try await client.read().hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test func aSocketPathThatIsTooLongIsRefused() async throws {
        let error = await #expect(throws: RucheError.self) {
            try await withServer {
                $0.privateSocket = FilePath("/tmp/" + String(repeating: "x", count: 110) + "/api.sock")
            } _: { _ in
            }
        }
        #expect(error?.code == .invalidInput)
    }

    @Test func aPortInUseIsNamed() async throws {
        try await withServer { addresses in
            let port = addresses.network?.port ?? 0
            let error = await #expect(throws: RucheError.self) {
                try await withServer {
                    $0.network = .init(host: "127.0.0.1", port: port)
                } _: { _ in
                }
            }
            #expect(error?.code == .inUse && error?.message.contains("127.0.0.1:\(port)") == true)
        }
    }
}
