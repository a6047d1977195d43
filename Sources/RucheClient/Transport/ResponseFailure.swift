import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import RucheCore
import RucheWire

/// Reads the body of a response that is no success.
enum ResponseFailure {
    private static let limit = 1 << 20

    static func read(_ response: HTTPClientResponse, path: String) async -> any Error {
        let body: [UInt8]
        do {
            body = Array(buffer: try await response.body.collect(upTo: limit))
        } catch is CancellationError {
            return CancellationError()
        } catch {
            body = []  // the status alone still says what happened
        }
        return failure(status: Int(response.status.code), body: body, path: path)
    }

    /// A problem document says it all; anything else (a proxy's page) is told by its status.
    static func failure(status: Int, body: [UInt8], path: String) -> RucheError {
        if let problem = try? JSON.decode(ProblemDocument.self, from: body) {  // not a problem: see below
            var details = problem.details
            if let id = problem.requestID { details["request_id"] = id }
            return RucheError(problem.code, problem.detail, details: details, problems: problem.errors)
        }
        // The door that vagrant uses says it so.
        if let document = try? JSON.decode(Vagrant.ErrorDocument.self, from: body), !document.errors.isEmpty {
            return RucheError(code(status), document.errors.joined(separator: "; "), details: ["status": "\(status)"])
        }
        return RucheError(
            code(status), "the server answered \(status) to \(path)", details: ["status": "\(status)"])
    }

    private static func code(_ status: Int) -> ErrorCode {
        switch status {
        case 400, 413, 415, 422: .invalidInput
        case 401: .unauthorized
        case 403: .forbidden
        case 404, 405: .notFound
        case 409, 412: .conflict
        case 460: .checksumMismatch
        case 502, 503, 504: .serverUnavailable
        case 507: .diskFull
        default: .internalError
        }
    }
}
