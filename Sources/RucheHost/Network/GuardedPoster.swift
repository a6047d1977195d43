import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import RucheCore

/// Posts to addresses that people name, and never to this machine or its networks unless the operator allows it.
///
/// The host is resolved once and the connection goes to the address that was looked at, so that a name can't mean
/// something else in between. No redirect is followed, no proxy asked, and nothing of the answer is kept but its
/// status.
package struct GuardedPoster: Sendable {
    package var allowsPrivate: Bool
    /// From the first packet to the head of the answer.
    package var timeout: Duration

    package init(allowsPrivate: Bool, timeout: Duration = .seconds(15)) {
        self.allowsPrivate = allowsPrivate
        self.timeout = timeout
    }

    /// Throws `invalid_input` for what is no address that may be posted to. Nothing is resolved here.
    @discardableResult
    package func check(_ url: String) throws -> (host: String, isIPv6: Bool) {
        guard url.utf8.count <= 2048, let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme), parts.fragment == nil,
            url.utf8.allSatisfy({ (33...126).contains($0) })
        else { throw RucheError(.invalidInput, "\"\(url.prefix(200))\" is no web address: write https://HOST/PATH") }
        guard parts.user == nil, parts.password == nil else {
            throw RucheError(.invalidInput, "the address has a name or a password in it: messages are signed instead")
        }
        guard scheme == "https" || allowsPrivate else {
            throw RucheError(.invalidInput, "\"\(url.prefix(200))\" is not encrypted: write https://…")
        }
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        return (bare, bare.contains(":"))
    }

    /// The status of the answer. Throws `forbidden` for an address that is not allowed, `timed_out` and
    /// `network_unavailable`.
    package func post(_ url: String, headers: [(String, String)], body: [UInt8]) async throws -> Int {
        let (host, isIPv6) = try check(url)
        let addresses = try await HostAddresses.resolve(host)
        guard let target = addresses.first else {
            throw RucheError(.networkUnavailable, "the host \"\(host)\" has no address")
        }
        // All of them: the one that is public must not open the way to the others.
        guard allowsPrivate || addresses.allSatisfy(\.address.isPublic) else {
            throw RucheError(
                .forbidden,
                "the host \"\(host)\" is on this machine or its network: the operator allows that with webhook_allow_private: true"
            )
        }
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: .seconds(10))
        configuration.connectionPool.retryConnectionEstablishment = false
        if !isIPv6 { configuration.dnsOverride = [host: target.text] }
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        do {
            let status = try await send(client, url, headers, body)
            try? await client.shutdown()  // the answer is here
            return status
        } catch {
            // In a task of its own: a cancelled caller must not leave connections. The first error is the one to report.
            await Task { try? await client.shutdown() }.value
            throw Self.translated(error, host)
        }
    }

    private func send(
        _ client: HTTPClient, _ url: String, _ headers: [(String, String)], _ body: [UInt8]
    ) async throws -> Int {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        let response = try await client.execute(
            request, timeout: .milliseconds(Int64(timeout.seconds * 1000)))
        return Int(response.status.code)
    }

    private static func translated(_ error: any Error, _ host: String) -> any Error {
        switch error {
        case is CancellationError, is RucheError: error
        case let error as HTTPClientError where [.deadlineExceeded, .connectTimeout, .readTimeout].contains(error):
            RucheError(.timedOut, "the host \"\(host)\" did not answer in time", cause: error)
        default: RucheError(.networkUnavailable, "can't reach \"\(host)\": \(error)", cause: error)
        }
    }
}
