import HTTPTypes
import Hummingbird
import NIOCore
import RucheCore
import RucheWire

/// An error as clients of registries read it (distribution specification 1.1, "Error Codes").
struct RegistryProblem {
    /// The detail of an error that says which code it is, where ours alone don't tell.
    static let codeDetail = "registry_code"

    private struct Body: Encodable {
        struct Entry: Encodable {
            var code: String
            var message: String
            var detail: [String: String]
        }
        var errors: [Entry]
    }

    private let report: ErrorReport
    private let challenge: String

    init(_ report: ErrorReport, _ request: Request, _ context: AppRequestContext) {
        self.report = report
        challenge = RegistryChallenge(request, context).header
    }

    func response() -> Response {
        let document = report.document
        var headers = report.headers
        var status = HTTPResponse.Status(code: document.status)
        let code = document.details[Self.codeDetail] ?? code(document.code)
        if status == .unauthorized { headers[.wwwAuthenticate] = challenge }
        // What this door's specification has a status for.
        switch (document.code, code) {
        case (.checksumMismatch, _): status = .badRequest
        case (.quotaExceeded, _): status = .forbidden
        case (.invalidState, "BLOB_UPLOAD_INVALID"): status = .rangeNotSatisfiable
        // Of what can't be deleted now; clients know only this status for it.
        case (.invalidState, "DENIED"), (.inUse, "DENIED"):
            status = .methodNotAllowed
            headers[.allow] = "GET, HEAD"
        case (_, "DIGEST_INVALID"), (_, "MANIFEST_INVALID"), (_, "NAME_INVALID"), (_, "SIZE_INVALID"),
            (_, "MANIFEST_BLOB_UNKNOWN"):
            if status.code != 413 { status = document.code == .notFound ? .notFound : .badRequest }
        default: break
        }
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        let details = document.details.filter { $0.key != Self.codeDetail }
        let body = Body(errors: [.init(code: code, message: document.detail, detail: details)])
        return Response(
            status: status, headers: headers,
            body: .init(byteBuffer: (try? JSONCoding.encode(body)) ?? ByteBuffer()))
    }

    private func code(_ code: ErrorCode) -> String {
        switch code {
        case .unauthorized: "UNAUTHORIZED"
        case .forbidden, .immutable, .inUse, .quotaExceeded, .invalidState, .conflict: "DENIED"
        case .checksumMismatch: "DIGEST_INVALID"
        case .invalidReference: "NAME_INVALID"
        case .tooManyRequests: "TOOMANYREQUESTS"
        case .unsupported: "UNSUPPORTED"
        case .notFound, .gone: "NAME_UNKNOWN"
        default: "UNKNOWN"
        }
    }
}

extension RucheError {
    /// The same error, with the code that clients of registries know it by.
    func registry(_ code: String) -> RucheError {
        var details = details
        details[RegistryProblem.codeDetail] = code
        return RucheError(self.code, message, details: details, problems: problems, cause: self)
    }
}

/// Gives errors of `body` a registry's code, by our own codes.
nonisolated(nonsending)
    func registryErrors<Result>(
        _ codes: [ErrorCode: String], _ body: () async throws -> Result
    ) async throws -> Result
{
    do { return try await body() } catch let error as RucheError {
        guard let code = codes[error.code], error.details[RegistryProblem.codeDetail] == nil else { throw error }
        throw error.registry(code)
    }
}
