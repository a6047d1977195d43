import RucheClient

/// How a command reaches its server. Tests give one over a stub.
protocol Connecting: Sendable {
    func withClient<Result: Sendable>(
        _ body: @escaping @Sendable (APIClient) async throws -> Result
    ) async throws -> Result
}

/// A server somewhere else.
struct RemoteConnection: Connecting {
    let address: ServerAddress
    let token: String?
    var authorities: TrustedAuthorities?

    func withClient<Result: Sendable>(
        _ body: @escaping @Sendable (APIClient) async throws -> Result
    ) async throws -> Result {
        let client = APIClient(address: address, token: token, authorities: authorities)
        do {
            let result = try await body(client)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }
}
