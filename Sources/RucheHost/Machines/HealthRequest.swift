import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import RucheCore

/// Asks a service on this machine whether it is well.
package enum HealthRequest {
    /// The status of the answer; nil when there is none in time. Redirects are not followed: they are an answer.
    package static func status(port: Int, path: String, timeout: Duration = .seconds(10)) async -> Int? {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        let response = try? await client.execute(request, timeout: .milliseconds(Int64(timeout.seconds * 1000)))
        // In a task of its own: a cancelled caller must not leave connections.
        await Task { try? await client.shutdown() }.value
        return response.map { Int($0.status.code) }
    }
}
