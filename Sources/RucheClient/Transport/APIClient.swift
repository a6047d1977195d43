import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import RucheCore
import RucheWire

/// The typed client of Ruche's HTTP API, over a Unix socket or the network.
///
/// Every method throws `RucheError`: the server's own problem with its code, `server_unavailable` when
/// nobody answers, `cancelled` never (cancelling the task throws `CancellationError`).
package struct APIClient: Sendable {
    package let address: ServerAddress
    private let token: String?
    private let http: HTTPClient
    /// Called after the connection failed, before the request is tried once more: makes sure that a server
    /// runs, and throws when none can.
    private let recover: (@Sendable () async throws -> Void)?

    /// How long a dropped stream waits before it asks again, doubled each time up to a bound.
    package var reconnectDelay: Duration = .milliseconds(100)

    /// The client must be closed with `close()`.
    ///
    /// `authorities` are trusted besides those of the machine.
    package init(
        address: ServerAddress, token: String? = nil, authorities: TrustedAuthorities? = nil,
        recover: (@Sendable () async throws -> Void)? = nil
    ) {
        self.address = address
        self.token = token
        self.recover = recover
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: .seconds(10), read: nil)
        configuration.httpVersion = .http1Only
        // A refusal is an answer: the library would ask again until the time to connect is over.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Before the server closes it, which is after a minute.
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.tlsConfiguration = authorities?.configuration
        // The process-wide group: a client of its own threads costs more than most requests.
        http = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    /// Closes every connection; later requests throw.
    package func close() async {
        try? await http.shutdown()  // what can't be closed cleanly, or is closed already, ends with the process
    }

    /// Sends a request and returns the response when its status is one of success.
    func send(_ request: APIRequest) async throws -> HTTPClientResponse {
        do {
            return try await sendOnce(request)
        } catch let error as RucheError where error.code == .serverUnavailable {
            let isUnsent = error.details["reason"] == "refused"
            guard let recover, request.isRepeatable || isUnsent else { throw error }
            try await recover()
            return try await sendOnce(request)
        }
    }

    private func sendOnce(_ request: APIRequest) async throws -> HTTPClientResponse {
        let response: HTTPClientResponse
        do {
            response = try await http.execute(
                request.message(for: address, token: token), deadline: .distantFuture)
        } catch {
            throw TransportFailure.translate(error, address: address)
        }
        guard (200..<300).contains(Int(response.status.code)) else {
            throw await ResponseFailure.read(response, path: request.path)
        }
        return response
    }

    /// Runs `body` over a response's bytes; a connection that breaks is `server_unavailable`.
    func reading<Result>(_ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch { throw TransportFailure.translate(error, address: address) }
    }

    func recoverConnection() async throws { try await recover?() }
}
