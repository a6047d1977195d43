import Hummingbird
import RucheCore
package import RucheService

/// Work on the whole data directory.
package struct MaintenanceRoutes: Sendable {
    private let maintenance: MaintenanceService

    package init(_ maintenance: MaintenanceService) { self.maintenance = maintenance }

    package var routes: [Route] {
        MaintenanceService.Kind.allCases.map { kind in
            Route(
                .post, "/api/v1/maintenance/\(kind.rawValue)", access: .site(.administer),
                RouteDocumentation(
                    Self.summary(kind), query: Self.query(kind), response: "OperationDocument", status: 202)
            ) { request, _ in
                var options = ScrubOptions()
                options.isRestarted = try request.flag("restart")
                options.bytesPerSecond = try request.integer("rate", in: 1...Int.max).map { Int64($0) }
                return try .accepted(
                    try await maintenance.start(kind, dryRun: try request.flag("dry_run"), scrub: options))
            }
        }
    }

    private static func query(_ kind: MaintenanceService.Kind) -> [String: String] {
        switch kind {
        case .gc: ["dry_run": "Only tell what would go."]
        case .scrub:
            [
                "rate": "Bytes read in a second, at most.",
                "restart": "Begin with the first blob, not where one that was stopped had come to.",
            ]
        case .verify, .rebuild: [:]
        }
    }

    private static func summary(_ kind: MaintenanceService.Kind) -> String {
        switch kind {
        case .gc: "Removes blobs and cached layers that nothing refers to."
        case .verify: "Reads every blob and compares it with its digest."
        case .scrub: "Reads every blob at a bounded speed and sets damaged ones aside; goes on where it was stopped."
        case .rebuild: "Makes the index of the catalogue again from the content store."
        }
    }
}
