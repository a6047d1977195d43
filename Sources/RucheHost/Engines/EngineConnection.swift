import AsyncHTTPClient
import Dispatch
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import RucheCore
import SystemPackage

/// The HTTP client for engines' REST APIs: Docker's, Podman's, LXD's; over a Unix socket or the network.
///
/// An answer with a status of failure is no error here: each API words its own. Nobody who answers is
/// `engine_unavailable`, with the address.
package final class EngineConnection: Sendable {
    package let engine: String
    package let address: EngineAddress
    private let http: HTTPClient

    /// Bytes of an answer that is read whole.
    package static let largestAnswer = 64 << 20

    /// `engine` is the name people know it by. Throws `invalid_input` for TLS files that can't be used.
    package init(engine: String, address: EngineAddress) throws {
        self.engine = engine
        self.address = address
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: .seconds(10), read: nil)
        configuration.httpVersion = .http1Only
        // Each running job holds one connection for its end and one for its log.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 4096
        configuration.connectionPool.retryConnectionEstablishment = false
        if case .network(_, let tls?) = address {
            configuration.tlsConfiguration = try tls.configuration()
            configuration.http1_1ConnectionDebugInitializer = try tls.pin()
        }
        http = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    // Nobody is left to tell of a connection that can't be closed cleanly.
    deinit { http.shutdown(queue: .global()) { _ in } }

    /// Sends a request and reads its answer whole.
    package func send(_ request: EngineRequest) async throws -> EngineResponse {
        try await attempting(request) { response in
            var body: [UInt8] = []
            for try await piece in response.body {
                body.append(contentsOf: piece.readableBytesView)
                guard body.count <= Self.largestAnswer else {
                    throw RucheError(.engineUnavailable, "the engine \"\(self.engine)\" answers without end")
                }
            }
            return EngineResponse(response, body: body)
        }
    }

    /// Sends a request whose answer goes on; `onPiece` gets its body piece by piece when its status is one of
    /// success. Returns at the end of the answer, with the body of a failure.
    package func stream(
        _ request: EngineRequest, onPiece: ([UInt8]) async throws -> Void
    ) async throws -> EngineResponse {
        var request = request
        request.timeout = nil
        return try await attempting(request) { response in
            var body: [UInt8] = []
            let isSuccess = (200..<300).contains(Int(response.status.code))
            for try await piece in response.body {
                let bytes = Array(piece.readableBytesView)
                if isSuccess { try await onPiece(bytes) } else { body += bytes.prefix(1 << 20) }
            }
            return EngineResponse(response, body: body)
        }
    }

    private func attempting(
        _ request: EngineRequest, _ read: (HTTPClientResponse) async throws -> EngineResponse
    ) async throws -> EngineResponse {
        var response: HTTPClientResponse
        do {
            do {
                response = try await execute(request)
            } catch let error as HTTPClientError where error == .remoteConnectionClosed && request.isRepeatable {
                // The engine closed an idle connection just when it was used again.
                response = try await execute(request)
            }
            return try await read(response)
        } catch {
            throw translate(error)
        }
    }

    private func execute(_ request: EngineRequest) async throws -> HTTPClientResponse {
        let deadline = request.timeout.map {
            NIODeadline.now() + .nanoseconds(Int64(min($0.seconds, 1e6) * 1e9))
        }
        return try await http.execute(request.message(address), deadline: deadline ?? .distantFuture)
    }

    private func translate(_ error: any Error) -> any Error {
        switch error {
        case is CancellationError, is EngineStreamEnd: return error
        case let error as RucheError: return error
        case let error as HTTPClientError:
            if error == .cancelled { return CancellationError() }
            if error == .connectTimeout || error == .deadlineExceeded {
                return unavailable("does not answer at \(address) in time", error)
            }
            return unavailable("at \(address) ended the connection (\(error.shortDescription))", error)
        case let error as IOError:
            let reason = Errno(rawValue: error.errnoCode).description.lowercased()
            return unavailable("does not answer at \(address): \(reason)", error)
        case is NIOConnectionError: return unavailable("can't be reached at \(address)", error)
        case let error as Errno:
            return RucheError(error == .noSpace ? .diskFull : .internalError, "can't read a file: \(error)")
        default:
            // A test of its own ends here, and what TLS says of certificates.
            return unavailable("at \(address) can't be talked to: \(error)", error)
        }
    }

    private func unavailable(_ what: String, _ cause: any Error) -> RucheError {
        RucheError(
            .engineUnavailable, "the engine \"\(engine)\" \(what)",
            details: ["engine": engine, "address": address.description], cause: cause)
    }
}
