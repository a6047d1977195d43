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
                    Self.summary(kind), query: kind == .gc ? ["dry_run": "Only tell what would go."] : [:],
                    response: "OperationDocument", status: 202)
            ) { request, _ in
                try .accepted(try await maintenance.start(kind, dryRun: try request.flag("dry_run")))
            }
        }
    }

    private static func summary(_ kind: MaintenanceService.Kind) -> String {
        switch kind {
        case .gc: "Removes blobs and cached layers that nothing refers to."
        case .verify: "Reads every blob and compares it with its digest."
        case .rebuild: "Makes the index of the catalogue again from the content store."
        }
    }
}
