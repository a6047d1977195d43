import Glibc
package import HTTPTypes
package import Hummingbird
import NIOCore
import RucheCore
import RucheHost
package import RucheWire
import SystemPackage

/// What the client is told of an error, and whether somebody has to read the log.
package struct ErrorReport: Sendable {
    package var document: ProblemDocument
    package var headers: HTTPFields = [:]
    /// True for a failure that nobody foresaw: its text stays in the log.
    package var isUnexpected = false

    /// Seconds after which to ask again where nothing says better: a lock is short, and who frees a disk is not.
    private static let usualWait = "5"

    /// Any error as a problem. The text of an error that is not of the domain is not shown: it may hold
    /// paths, arguments or queries.
    package init(_ error: any Error, requestID: String) {
        switch error {
        case let error as RucheError:
            self.init(domain: error, requestID: requestID)
        case is CancellationError:
            self.init(
                domain: RucheError(.serverUnavailable, "the server is stopping: ask again in a moment"),
                requestID: requestID)
        case let error as Errno where error == .noSpace || error == .diskQuotaExceeded:
            self.init(
                domain: RucheError(
                    .diskFull,
                    "the disk of the data directory is full: free some space, such as with a garbage collection"),
                requestID: requestID)
        case let error as any HTTPResponseError where error.status.kind == .clientError:
            self.init(
                domain: RucheError(.invalidInput, "the request is not valid"), requestID: requestID)
        default:
            self.init(
                domain: RucheError(
                    .internalError, "the server failed on this request: its log has the reason under the request id"),
                requestID: requestID)
            isUnexpected = true
        }
    }

    private init(domain error: RucheError, requestID: String) {
        var (status, title) = error.code.problem
        if error.details[RequestLimit.detail] != nil { status = .contentTooLarge }
        document = ProblemDocument(
            title: title, status: status.code, detail: error.message, code: error.code, requestID: requestID,
            details: error.details, errors: error.problems)
        if let seconds = error.details[ErrorCode.retryAfter] {
            headers[.retryAfter] = seconds
        } else if [.serverUnavailable, .diskFull].contains(error.code) {
            headers[.retryAfter] = Self.usualWait
        }
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer realm=\"ruche\"" }
    }

    /// `application/problem+json` (RFC 9457).
    package func response() -> Response {
        var headers = headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        let status = HTTPResponse.Status(code: document.status)
        // Encoding strings and numbers can't fail; an empty body would still have the right status.
        let body = (try? JSONCoding.encode(document)) ?? ByteBuffer()
        return Response(status: status, headers: headers, body: .init(byteBuffer: body))
    }
}
