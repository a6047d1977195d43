import Hummingbird
import RucheCore
package import RucheService
import RucheStore
import RucheWire

/// What is kept, by whose it is.
package struct SpaceRoutes: Sendable {
    private let space: SpaceService

    package init(_ space: SpaceService) { self.space = space }

    package var routes: [Route] {
        [
            Route(
                .get, "/api/v1/space", access: .site(.administer),
                RouteDocumentation(
                    "Tells what each owner's environments take, and how much of it only they have.",
                    response: "SpaceDocument")
            ) { _, _ in try Self.answer(try await space.owners()) },
            Route(
                .get, "/api/v1/owners/{owner}/space", access: .right(.read),
                RouteDocumentation("Tells what each environment of an owner takes.", response: "SpaceDocument")
            ) { _, context in
                let text = try context.parameter("owner")
                guard let owner = OwnerName(text) else {
                    throw RucheError(.notFound, "there is no owner \"\(text.prefix(80))\"")
                }
                try context.caller.require(
                    .read, on: owner, else: RucheError(.notFound, "there is no owner \"\(owner)\""))
                return try Self.answer(try await space.environments(of: owner))
            },
            Route(
                .get, "/api/v1/environments/{owner}/{name}/space", access: .right(.read),
                RouteDocumentation("Tells what each release of an environment takes.", response: "SpaceDocument")
            ) { _, context in
                let name = try context.environmentName()
                try context.caller.require(
                    .read, on: name.ownerName, else: RucheError(.notFound, "\(name) is not in the catalogue"))
                return try Self.answer(try await space.sources(of: name))
            },
        ]
    }

    private static func answer(_ use: (rows: [SpaceRow], bytes: Int64)) throws -> Response {
        try .json(
            SpaceDocument(
                items: use.rows.map { .init(name: $0.name, bytes: $0.bytes, uniqueBytes: $0.uniqueBytes) },
                bytes: use.bytes))
    }
}
