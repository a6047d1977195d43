import Glibc
import Hummingbird
import RucheCore
import RucheHost
import RucheServer
import Synchronization
import SystemPackage
import Testing

@Suite struct APIServerTests {
    private static let routes = [
        Route(.get, "/api", access: .anyone, RouteDocumentation("a")) { _, _ in try .json(["ok": true]) },
        Route(.get, "/members", RouteDocumentation("m")) { _, _ in try .json(["ok": true]) },
        Route(.post, "/notify", access: .jobToken, RouteDocumentation("n")) { _, _ in .noContent },
    ]

    @discardableResult
    private func withServer(
        _ change: (inout APIServerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (ListeningAddresses) async throws -> Void
    ) async throws -> Duration { try await ServedRoutes.with(Self.routes, change, body) }

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

    @Test func requestsThatAreOpenAtTwoListenersEndWithTheGrace() async throws {
        let (begun, signal) = AsyncStream<Void>.makeStream()
        let slow = Route(.get, "/slow", access: .anyone, RouteDocumentation("s")) { _, _ in
            signal.yield()
            try await Task.sleep(for: .seconds(300))
            return .noContent
        }
        let clients = Mutex<[RawConnection]>([])
        defer { for client in clients.withLock({ $0 }) { client.close() } }
        let time = try await ServedRoutes.with([slow]) { addresses in
            let local = try RawConnection(unix: try #require(addresses.privateSocket))
            let far = try RawConnection(port: try #require(addresses.network?.port))
            clients.withLock { $0 = [local, far] }
            var open = begun.makeAsyncIterator()
            for client in [local, far] {
                try client.send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
                await open.next()
            }
        }
        #expect(time < .seconds(60), "and not when they are answered")
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
