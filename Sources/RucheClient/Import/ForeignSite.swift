import AsyncHTTPClient
import Foundation
import Glibc
import NIOCore
import NIOHTTP1
import RucheCore
import RucheHost
package import SystemPackage

/// A server that is not ours, or may not be: nothing that it says is believed before it is looked at.
package struct ForeignSite: Sendable {
    /// A description of a box is far smaller.
    private static let documentLimit = 16 << 20
    private static let fileLimit: Int64 = 256 << 30
    private static let mostRedirects = 10
    /// Attempts that bring not one byte further before a download is given up.
    private static let fruitless = 5

    private let http: HTTPClient
    private let token: String?
    /// The only host that the token is shown to.
    private let tokenHost: String?
    package var retryDelay = Duration.milliseconds(500)

    /// Must be closed. The token goes to the host of `address` and to no other.
    package init(_ address: String, token: String?, authorities: TrustedAuthorities?) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: .seconds(20), read: .seconds(60))
        configuration.httpVersion = .http1Only
        configuration.tlsConfiguration = authorities?.configuration
        http = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        self.token = token
        tokenHost = URL(string: address).flatMap(Self.authority)
    }

    package func close() async {
        try? await http.shutdown()  // what can't be closed cleanly ends with the process
    }

    /// A small document. Throws `not_found`, `unauthorized`, or `invalid_input` for one that is too large.
    package func document(_ address: String) async throws -> [UInt8] {
        let response = try await get(address, accept: "application/json")
        guard response.status == .ok else { throw Self.refusal(response.status, address) }
        if let length = response.headers.first(name: "content-length").flatMap({ Int64($0) }),
            length > Self.documentLimit
        {
            throw Self.tooLarge(address)
        }
        do {
            return Array(buffer: try await response.body.collect(upTo: Self.documentLimit))
        } catch is NIOTooManyBytesError { throw Self.tooLarge(address) } catch { throw Self.translate(error, address) }
    }

    /// Writes a file to `path`, after what is there of it already, and tells of bytes done and in all.
    package func download(
        _ address: String, to path: FilePath, onProgress: @Sendable (_ done: Int64, _ total: Int64?) -> Void
    ) async throws {
        let file = try SystemPackage.FileDescriptor.open(
            path, .readWrite, options: [.create, .closeOnExec, .noFollow], permissions: [.ownerReadWrite])
        defer { try? file.close() }  // synced below; what was only read from loses nothing
        var (attempts, furthest) = (0, Int64(-1))
        while true {
            let offset = try file.seek(offset: 0, from: .end)
            if offset > furthest { attempts = 0 }
            furthest = max(furthest, offset)
            do {
                try await receive(address, file, from: offset, onProgress)
                try file.sync()
                return
            } catch let error as RucheError where error.code == .networkUnavailable && attempts < Self.fruitless {
                attempts += 1
                try await Task.sleep(for: retryDelay * (1 << min(attempts, 5)))
            }
        }
    }

    private func receive(
        _ address: String, _ file: SystemPackage.FileDescriptor, from start: Int64,
        _ onProgress: @Sendable (Int64, Int64?) -> Void
    ) async throws {
        let response = try await get(address, accept: "*/*", range: start > 0 ? start : nil)
        var offset = start
        switch response.status {
        case .partialContent:
            let range = response.headers.first(name: "content-range") ?? ""
            guard range.hasPrefix("bytes \(start)-") else {
                throw RucheError(.invalidInput, "\(address) answers with other bytes than it was asked for")
            }
        case .ok: offset = 0
        case .rangeNotSatisfiable where start > 0:
            // All of it came before; a file that is another one now fails its checksum.
            return
        default: throw Self.refusal(response.status, address)
        }
        try file.resize(to: offset)
        let total = response.headers.first(name: "content-length").flatMap { Int64($0) }.map { $0 + offset }
        guard total ?? 0 <= Self.fileLimit else {
            throw RucheError(.invalidInput, "\(address) is over \(ByteCount(Self.fileLimit))")
        }
        do {
            for try await buffer in response.body {
                offset += Int64(try buffer.withUnsafeReadableBytes { try file.writeAll(toAbsoluteOffset: offset, $0) })
                guard offset <= Self.fileLimit else {
                    throw RucheError(.invalidInput, "\(address) is over \(ByteCount(Self.fileLimit))")
                }
                onProgress(offset, total)
            }
        } catch {
            throw Self.translate(error, address)
        }
    }

    /// Follows redirects, a few, and shows the token to one host only.
    private func get(_ address: String, accept: String, range: Int64? = nil) async throws -> HTTPClientResponse {
        var address = address
        for _ in 0...Self.mostRedirects {
            guard let url = URL(string: address), ["http", "https"].contains(url.scheme?.lowercased() ?? ""),
                let authority = Self.authority(url)
            else { throw RucheError(.invalidInput, "\"\(address.prefix(300))\" is no http or https address") }
            var request = HTTPClientRequest(url: url.absoluteString)
            request.headers.add(name: "accept", value: accept)
            request.headers.add(name: "user-agent", value: "ruche")
            if let token, authority == tokenHost {
                request.headers.add(name: "authorization", value: "Bearer \(token)")
            }
            if let range { request.headers.add(name: "range", value: "bytes=\(range)-") }
            let response: HTTPClientResponse
            do { response = try await http.execute(request, deadline: .distantFuture) } catch {
                throw Self.translate(error, address)
            }
            guard [301, 302, 303, 307, 308].contains(response.status.code) else { return response }
            guard let location = response.headers.first(name: "location"),
                let next = URL(string: location, relativeTo: url)?.absoluteURL
            else { throw RucheError(.invalidInput, "\(address) redirects to no address") }
            address = next.absoluteString
        }
        throw RucheError(
            .invalidInput, "\(address) redirects over and over: it was followed \(Self.mostRedirects) times")
    }

    private static func authority(_ url: URL) -> String? {
        url.host(percentEncoded: true).map { "\(url.scheme ?? "")://\($0.lowercased()):\(url.port ?? -1)" }
    }

    private static func tooLarge(_ address: String) -> RucheError {
        RucheError(
            .invalidInput, "\(address) is over \(ByteCount(Int64(documentLimit))), which no description of a box is")
    }

    private static func refusal(_ status: HTTPResponseStatus, _ address: String) -> RucheError {
        let code: ErrorCode =
            switch status.code {
            case 401, 403: .unauthorized
            case 404, 410: .notFound
            case 429, 500...599: .networkUnavailable
            default: .invalidInput
            }
        return RucheError(code, "\(address) answers \(status.code) \(status.reasonPhrase)")
    }

    private static func translate(_ error: any Error, _ address: String) -> any Error {
        if error is RucheError || error is CancellationError { return error }
        if let error = error as? HTTPClientError, error == .cancelled { return CancellationError() }
        if let error = error as? Errno {
            return RucheError(
                error == .noSpace ? .diskFull : .invalidInput, "can't keep \(address): \(error)", cause: error)
        }
        if let reason = TransportFailure.untrusted(error) {
            return RucheError(.invalidInput, "\(address) \(reason)", cause: error)
        }
        let reason = (error as? HTTPClientError)?.shortDescription ?? "\(error)"
        return RucheError(.networkUnavailable, "\(address) can't be fetched: \(reason)", cause: error)
    }
}
