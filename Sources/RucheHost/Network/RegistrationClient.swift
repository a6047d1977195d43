import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import RucheCore

/// Asks a service that the operator named, with a name and a password (RFC 7617). No redirect is followed: the password
/// goes nowhere else.
package struct RegistrationClient: Sendable {
    package struct Answer: Sendable {
        package var status: Int
        package var body: [UInt8]
    }

    private static let bodyLimit = 4 << 20
    private let timeout: Duration

    package init(timeout: Duration = .seconds(30)) { self.timeout = timeout }

    /// Throws `timed_out` and `network_unavailable`. Neither tells the password.
    package func send(
        _ method: String, _ url: String, body: [UInt8]?, type: String, user: String, password: String
    ) async throws -> Answer {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: .seconds(10))
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        do {
            var request = HTTPClientRequest(url: url)
            request.method = HTTPMethod(rawValue: method)
            request.headers.add(name: "Accept", value: type)
            request.headers.add(name: "User-Agent", value: "ruche")
            let credentials = Data("\(user):\(password)".utf8).base64EncodedString()
            request.headers.add(name: "Authorization", value: "Basic \(credentials)")
            if let body {
                request.headers.add(name: "Content-Type", value: type)
                request.body = .bytes(ByteBuffer(bytes: body))
            }
            let response = try await client.execute(
                request, timeout: .milliseconds(Int64(timeout.seconds * 1000)))
            let bytes = try await response.body.collect(upTo: Self.bodyLimit)
            try? await client.shutdown()  // the answer is here
            return Answer(status: Int(response.status.code), body: Array(bytes.readableBytesView))
        } catch {
            // In a task of its own: a cancelled caller must not leave connections. The first error is the one to report.
            await Task { try? await client.shutdown() }.value
            if error is CancellationError { throw error }
            let isLate =
                (error as? HTTPClientError).map { [.deadlineExceeded, .connectTimeout, .readTimeout].contains($0) }
            throw RucheError(
                isLate == true ? .timedOut : .networkUnavailable, "can't reach \(url): \(error)", cause: error)
        }
    }
}
