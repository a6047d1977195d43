import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import RucheCore
import RucheServer
import RucheWire
import Testing

/// Calls routes through a responder, without a socket.
struct RouterHarness: Sendable {
    let responder: APIResponder

    init(_ routes: [Route], kind: ListenerKind = .local, token: AccessToken? = nil) {
        responder = APIResponder(routes: routes, kind: kind, token: token)
    }

    init(responder: APIResponder) { self.responder = responder }

    func call(
        _ method: HTTPRequest.Method, _ uri: String, headers: HTTPFields = [:], body: String? = nil
    ) async throws -> TestResponse {
        try await Application(responder: responder, logger: Logger(label: "test")).test(.router) { client in
            try await client.execute(
                uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        }
    }

    /// The problem that a call ends with.
    func problem(
        _ method: HTTPRequest.Method, _ uri: String, headers: HTTPFields = [:], body: String? = nil
    ) async throws -> ProblemDocument {
        let response = try await call(method, uri, headers: headers, body: body)
        #expect(response.headers[.contentType] == "application/problem+json", "\(method) \(uri)")
        let problem = try JSONCoding.decode(ProblemDocument.self, from: response.body)
        #expect(problem.status == response.status.code)
        #expect(problem.requestID == response.headers[.requestID])
        return problem
    }
}
