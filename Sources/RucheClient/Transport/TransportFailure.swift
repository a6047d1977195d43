import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import RucheCore
import SystemPackage

/// Turns what the network library throws into errors of the domain.
enum TransportFailure {
    static func translate(_ error: any Error, address: ServerAddress) -> any Error {
        if error is RucheError || error is CancellationError || error is ReaderFailure { return error }
        if let error = error as? HTTPClientError {
            if error == .cancelled { return CancellationError() }
            if error == .connectTimeout { return unavailable(address, "does not answer", refused: true, error) }
            return unavailable(address, "ended the connection (\(error.shortDescription))", refused: false, error)
        }
        if let error = error as? IOError {
            let isRefused = [ECONNREFUSED, ENOENT, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode)
            let reason = Errno(rawValue: error.errnoCode).description.lowercased()
            return unavailable(
                address, isRefused ? "is not there (\(reason))" : "ended the connection (\(reason))",
                refused: isRefused, error)
        }
        if error is NIOConnectionError {
            return unavailable(address, "can't be reached", refused: true, error)
        }
        if error is ChannelError || error is HTTPParserError {
            return unavailable(address, "ended the connection", refused: false, error)
        }
        if let reason = untrusted(error) {
            return RucheError(
                .networkUnavailable, "\(address) \(reason)", details: ["server": address.description], cause: error)
        }
        if let error = error as? Errno {
            return RucheError(
                error == .noSpace ? .diskFull : .invalidInput, "can't read or write a file: \(error)".lowercased(),
                cause: error)
        }
        return RucheError(.networkUnavailable, "the request to \(address) failed: \(error)", cause: error)
    }

    /// What is wrong with the TLS of a server; nil for any other failure.
    static func untrusted(_ error: any Error) -> String? {
        switch error {
        case is NIOSSLExtraError:
            "shows a certificate that is not of this name: use the name it is for"
        case NIOSSLError.handshakeFailed:
            "shows a certificate that is not trusted, or no TLS: name the authority that signed it with ca_file (RUCHE_CA_FILE)"
        default: nil
        }
    }

    private static func unavailable(
        _ address: ServerAddress, _ what: String, refused: Bool, _ cause: any Error
    ) -> RucheError {
        RucheError(
            .serverUnavailable, "the server at \(address) \(what)",
            details: ["server": address.description, "reason": refused ? "refused" : "broken"], cause: cause)
    }
}
