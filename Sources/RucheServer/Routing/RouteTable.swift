package import HTTPTypes
import RucheCore

/// Finds the route of a request.
package struct RouteTable: Sendable {
    package struct Match: Sendable {
        package var route: Route
        package var parameters: [(name: String, value: String)]
    }

    package enum Lookup: Sendable {
        case found(Match)
        /// The path is known, for these methods.
        case wrongMethod(allowed: [HTTPRequest.Method])
        case unknown
    }

    private let entries: [(template: PathTemplate, route: Route)]

    package init(_ routes: [Route]) {
        entries = routes.map { (PathTemplate($0.path), $0) }.sorted { $0.0.isMoreSpecific(than: $1.0) }
    }

    package var routes: [Route] { entries.map(\.route) }

    /// `HEAD` is answered by the route of `GET`.
    package func lookup(_ method: HTTPRequest.Method, path: String) -> Lookup {
        guard let parts = PathTemplate.parts(of: path) else { return .unknown }
        var allowed: Set<HTTPRequest.Method> = []
        for (template, route) in entries {
            guard let parameters = template.match(parts) else { continue }
            if route.method == method || (method == .head && route.method == .get) {
                return .found(Match(route: route, parameters: parameters))
            }
            allowed.insert(route.method)
            if route.method == .get { allowed.insert(.head) }
        }
        guard !allowed.isEmpty else { return .unknown }
        return .wrongMethod(allowed: allowed.sorted { $0.rawValue < $1.rawValue })
    }
}
