import RucheClient
import RucheHost
import SystemPackage

/// A client of a stub server on a socket of its own; both end with the body.
enum ClientFixture {
    static func with(
        _ answer: @escaping @Sendable (StubServer.Request, _ number: Int) -> StubServer.Answer,
        _ body: (APIClient, StubServer, FilePath) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "rc") { folder in
            let server = StubServer(answer)
            let socket = folder.appending("s")
            try await server.start(socket)
            var client = APIClient(address: .unix(socket))
            client.reconnectDelay = .milliseconds(1)
            do {
                try await body(client, server, folder)
            } catch {
                await client.close()
                try await server.stop()
                throw error
            }
            await client.close()
            try await server.stop()
        }
    }
}
