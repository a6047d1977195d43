import HTTPTypes
import RucheCore

/// The table of routes and the rights they need, for the documentation.
package enum AccessTable {
    /// A row of Markdown for each route, in the order of their paths.
    package static func rows(_ routes: [Route]) -> [String] {
        routes.sorted { ($0.path, $0.method.rawValue) < ($1.path, $1.method.rawValue) }.map { route in
            "| `\(route.method.rawValue) \(route.path)` | \(text(route.access)) |"
        }
    }

    private static func text(_ access: Route.Access) -> String {
        switch access {
        case .anyone: "anybody"
        case .caller: "anybody with an account"
        case .visitor: "anybody, for what they may see"
        case .environment: "whoever may see the environment"
        case .jobToken: "the job's own token"
        case .right(let right): right.rawValue
        case .site(let right): "\(right.rawValue) on the site"
        }
    }
}
