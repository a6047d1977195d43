import HTTPTypes
import Hummingbird
import HummingbirdTesting
import RucheCore
import RucheServer
import RucheWire
import Testing

@Suite struct APIResponderTests {
    private struct Secret: Error, CustomStringConvertible { var description: String { "password=hunter2" } }
    private struct Body: Codable, Sendable {
        var name: String
        var count: [Int]
    }

    private static let routes = [
        Route(.get, "/open", access: .anyone, RouteDocumentation("o")) { _, _ in try .json(["a": 1]) },
        Route(.get, "/members", RouteDocumentation("m")) { _, context in try .json(["local": context.isLocal]) },
        Route(.post, "/jobs/{id}/notify", access: .jobToken, RouteDocumentation("n")) { _, context in
            try .json(["local": context.isLocal])
        },
        Route(.get, "/broken", RouteDocumentation("b")) { _, _ in throw Secret() },
        Route(.get, "/full", RouteDocumentation("f")) { _, _ in throw RucheError(.diskFull, "the disk is full") },
        Route(.post, "/body", RouteDocumentation("b")) { request, context in
            try .json(try await request.decodeJSON(Body.self, context, limit: 100))
        },
        Route(.get, "/ids/{id}", RouteDocumentation("i")) { _, context in try .json(try context.identifier()) },
    ]

    private let local = RouterHarness(routes)
    private let network = RouterHarness(
        routes, kind: .network(HostPolicy(names: [])), token: AccessToken("0123456789abcdef0123"))

    @Test func networkMembersNeedTheToken() async throws {
        let none = try await network.problem(.get, "/members")
        #expect(none.code == .unauthorized && none.status == 401)
        let wrong = try await network.call(.get, "/members", headers: [.authorization: "Bearer nonsense"])
        #expect(wrong.status == .unauthorized && wrong.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
        let basic = try await network.problem(.get, "/members", headers: [.authorization: "Basic 0123456789abcdef0123"])
        #expect(basic.status == 401)
        let right = try await network.call(.get, "/members", headers: [.authorization: "bearer 0123456789abcdef0123"])
        #expect(right.status == .ok && String(buffer: right.body) == #"{"local":false}"#)
        #expect(try await network.call(.get, "/open").status == .ok)
    }

    @Test func withoutATokenNothingOfMembersIsReachableOverTheNetwork() async throws {
        let closed = RouterHarness(Self.routes, kind: .network(HostPolicy(names: [])), token: nil)
        #expect(try await closed.problem(.get, "/members", headers: [.authorization: "Bearer x"]).status == 401)
    }

    @Test func thePrivateSocketNeedsNone() async throws {
        #expect(String(buffer: try await local.call(.get, "/members").body) == #"{"local":true}"#)
    }

    @Test func theSocketOfJobsHasOnlyTheirRoutes() async throws {
        let jobs = RouterHarness(Self.routes, kind: .jobs)
        #expect(try await jobs.problem(.get, "/members").code == .notFound)
        #expect(try await jobs.problem(.get, "/open").code == .notFound)
        let response = try await jobs.call(.post, "/jobs/1/notify")
        #expect(String(buffer: response.body) == #"{"local":false}"#)
    }

    @Test func unknownErrorsTellNothing() async throws {
        let response = try await local.call(.get, "/broken")
        #expect(response.status == .internalServerError)
        #expect(!String(buffer: response.body).contains("hunter2"))
        #expect(try await local.problem(.get, "/broken").code == .internalError)
    }

    @Test func domainErrorsKeepTheirCode() async throws {
        let problem = try await local.problem(.get, "/full")
        #expect(problem.status == 507 && problem.code == .diskFull && problem.detail == "the disk is full")
        #expect(problem.type == "urn:ruche:error:disk_full")
    }

    @Test func unknownPathsAndWrongMethodsAreProblems() async throws {
        #expect(try await local.problem(.get, "/nothing/here").status == 404)
        let wrong = try await local.call(.delete, "/open")
        #expect(wrong.status == .methodNotAllowed && wrong.headers[.allow] == "GET, HEAD")
        #expect(try await local.call(.options, "/open").headers[.allow] == "GET, HEAD")
        let head = try await local.call(.head, "/open")
        #expect(head.status == .ok && head.body.readableBytes == 0 && head.headers[.contentLength] == "7")
    }

    @Test func requestIDsGoThroughWhenTheyArePlain() async throws {
        let kept = try await local.call(.get, "/open", headers: [.requestID: "trace-1.2_3"])
        #expect(kept.headers[.requestID] == "trace-1.2_3")
        let forged = try await local.call(.get, "/open", headers: [.requestID: "a b=c"])
        #expect(forged.headers[.requestID] != "a b=c" && forged.headers[.requestID]?.isEmpty == false)
        #expect(kept.headers[.contentTypeOptions] == "nosniff")
    }

    @Test func badBodiesNameTheKeyAndThePlace() async throws {
        let missing = try await local.problem(.post, "/body", body: #"{"name":"a"}"#)
        #expect(missing.status == 400 && missing.errors.map(\.path) == ["count"])
        let wrong = try await local.problem(.post, "/body", body: #"{"name":"a","count":[1,"x"]}"#)
        #expect(wrong.errors.map(\.path) == ["count[1]"] && wrong.errors.first?.allowed == "an integer")
        let syntax = try await local.problem(.post, "/body", body: "{\"name\":\n}")
        #expect(syntax.status == 400 && syntax.errors.map(\.message) == ["this is no JSON"])
        #expect(try await local.problem(.post, "/body", body: "").status == 400)
        let large = try await local.problem(.post, "/body", body: String(repeating: " ", count: 101))
        #expect(large.status == 413)
    }

    @Test func whatIsNoIdentifierIsNotFound() async throws {
        #expect(try await local.problem(.get, "/ids/..%2F..%2Fetc").status == 404)
        #expect(try await local.call(.get, "/ids/01hzzzzzzzzzzzzzzzzzzzzzzz").status == .ok)
    }

    @Test func everyCodeHasAStatusOfItsClass() {
        #expect(ErrorCode(rawValue: "new_one").problem.status == .internalServerError)
        #expect(ErrorCode.immutable.problem.status == .conflict)
        #expect(ErrorCode.invalidForm.problem.status == .unprocessableContent)
    }
}
