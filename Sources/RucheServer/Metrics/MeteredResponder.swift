import HTTPTypes
import Hummingbird
import RucheCore

/// Counts what another responder answers.
struct MeteredResponder: HTTPResponder {
    typealias Context = AppRequestContext

    private let responder: APIResponder
    private let table: RouteTable
    private let metrics: RequestMetrics

    init(_ responder: APIResponder, routes: [Route], metrics: RequestMetrics) {
        self.responder = responder
        self.metrics = metrics
        table = RouteTable(routes)
    }

    func respond(to request: Request, context: AppRequestContext) async throws -> Response {
        let begin = ContinuousClock.now
        metrics.began()
        var status = 500
        defer {
            let key = RequestMetrics.Key(method: Self.method(request), route: route(request), status: status)
            let length = request.headers[.contentLength].flatMap { Int64($0) } ?? 0
            metrics.ended(
                key, seconds: (ContinuousClock.now - begin).seconds, received: status < 400 ? max(0, length) : 0)
        }
        let response = try await responder.respond(to: request, context: context)
        status = response.status.code
        return response
    }

    private func route(_ request: Request) -> String {
        switch table.lookup(request.method, path: request.uri.path) {
        case .found(let match): match.route.path
        case .wrongMethod, .unknown: "none"
        }
    }

    /// Anything can be sent as a method.
    private static func method(_ request: Request) -> String {
        let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        return known.contains(request.method) ? request.method.rawValue : "other"
    }
}
