import HTTPTypes
import RucheServer
import Testing

@Suite struct RouteTableTests {
    private static func route(_ method: HTTPRequest.Method, _ path: String) -> Route {
        Route(method, path, RouteDocumentation(path)) { _, _ in .noContent }
    }

    private let table = RouteTable([
        route(.get, "/a/{id}"), route(.get, "/a/latest"), route(.delete, "/a/{id}"), route(.get, "/f/{path+}"),
        route(.put, "/a/{id}/tags/{tag}"), route(.get, "/a/{id}/{kind}/history"),
    ])

    private func find(_ method: HTTPRequest.Method, _ path: String) -> String {
        switch table.lookup(method, path: path) {
        case .found(let match):
            match.route.path + match.parameters.map { " \($0.name)=\($0.value)" }.joined()
        case .wrongMethod(let allowed): "allow " + allowed.map(\.rawValue).joined(separator: ",")
        case .unknown: "unknown"
        }
    }

    @Test(arguments: [
        ("/a/latest", "/a/latest"), ("/a/7", "/a/{id} id=7"), ("/a/x%20y", "/a/{id} id=x y"),
        ("/a/%2E%2E", "/a/{id} id=.."), ("/a/x%2Fy", "/a/{id} id=x/y"), ("/f/a/b/c", "/f/{path+} path=a/b/c"),
        ("/f/a%2Fb", "unknown"), ("/f/a//b", "unknown"), ("/f/", "unknown"), ("/a/", "unknown"), ("/a", "unknown"),
        ("/a/7/", "unknown"), ("//a/7", "unknown"), ("/a/%00", "unknown"), ("/a/%ff", "unknown"), ("/a/%zz", "unknown"),
        ("/a/7/tags/history", "/a/{id}/{kind}/history id=7 kind=tags"), ("", "unknown"),
    ])
    func findsTheMostSpecificRouteOfAPath(path: String, expected: String) {
        #expect(find(.get, path) == expected)
    }

    @Test func namesTheMethodsOfAKnownPath() {
        #expect(find(.post, "/a/7") == "allow DELETE,GET,HEAD")
        #expect(find(.get, "/a/7/tags/x") == "allow PUT")
        #expect(find(.head, "/a/7") == "/a/{id} id=7")
    }
}
