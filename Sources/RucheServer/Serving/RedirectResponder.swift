import HTTPTypes
import Hummingbird
import RucheCore

/// Sends who comes in the clear to the listener with TLS, at the name that they used.
struct RedirectResponder: HTTPResponder {
    typealias Context = AppRequestContext

    let policy: HostPolicy
    /// The port of that listener.
    let port: @Sendable () -> Int

    func respond(to request: Request, context: AppRequestContext) async throws -> Response {
        do {
            try policy.check(request.head)
        } catch {
            return ErrorReport(error, requestID: context.requestID).response()
        }
        let host = HostPolicy.host(of: request.head.authority ?? "") ?? "localhost"
        let port = port()
        let authority = (host.contains(":") ? "[\(host)]" : host) + (port == 443 ? "" : ":\(port)")
        // The method and body stay what they are.
        return Response(
            status: .permanentRedirect,
            headers: [.location: "https://\(authority)\(request.head.path ?? "/")", .cacheControl: "no-store"])
    }
}
