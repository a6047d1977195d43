import HTTPTypes
import Hummingbird
import RucheCore
import RucheEngines
package import RucheService
import RucheWire
import SystemPackage

/// Instances: `/api/v1/instances` and below.
package struct InstanceRoutes: Sendable {
    let instances: InstanceService
    /// What others call this machine.
    private let hostName: String

    package init(_ instances: InstanceService, hostName: String = "localhost") {
        self.instances = instances
        self.hostName = hostName
    }

    package var routes: [Route] { collection + control + snapshots + [InstanceConsoleRoute(instances).route] }

    private var collection: [Route] {
        [
            Route(
                .post, "/api/v1/instances", access: .right(.run),
                RouteDocumentation(
                    """
                    Checks an instance whole, makes it and starts it; the answer comes when it runs, before it is ready. \
                    Folders of the server's machine are taken on the private socket only.
                    """, request: "InstanceRequest", response: "InstanceDocument", status: 202)
            ) { request, context in
                let body = try await request.decodeJSON(InstanceRequest.self, context)
                try Self.refusePaths(body, context)
                let record = try await instances.create(try await order(body, context.caller))
                return try accepted(record, context)
            },
            Route(
                .get, "/api/v1/instances", access: .right(.read),
                RouteDocumentation(
                    "Lists instances, newest first.",
                    query: [
                        "name": "Only instances of this name.", "owner": "Only instances of this owner.",
                        "limit": "At most so many, 1 to 1000.", "cursor": "The `next` of the page before.",
                    ], response: "Page<InstanceDocument>")
            ) { request, context in
                let limit = try request.pageLimit()
                let records = await instances.instances(
                    before: try request.identifierCursor(), limit: limit, name: request.query("name"),
                    owners: try request.owners(context.caller.owners(with: .read)))
                return try .json(
                    Page(
                        items: records.map { document($0, context) },
                        next: records.count == limit ? records.last?.id.description : nil))
            },
            Route(
                .get, "/api/v1/instances/{id}", access: .right(.read),
                RouteDocumentation("Shows an instance.", response: "InstanceDocument")
            ) { _, context in
                try .json(document(try await instances.instance(context.identifier()), context))
            },
            Route(
                .delete, "/api/v1/instances/{id}", access: .right(.run),
                RouteDocumentation("Ends an instance at once, and removes all that it wrote.", status: 204)
            ) { _, context in
                try await instances.destroy(context.identifier())
                return .noContent
            },
        ]
    }

    private var control: [Route] {
        [
            Route(
                .post, "/api/v1/instances/{id}/start", access: .right(.run),
                RouteDocumentation(
                    "Starts an instance again; the answer comes when it runs, before it is ready.",
                    request: "InstanceStartRequest", response: "InstanceDocument", status: 202)
            ) { request, context in
                let body = try await request.decodeJSON(InstanceStartRequest.self, context)
                if let lease = body.lease, lease < 1 {
                    throw RucheError(
                        .invalidInput, "a lease lasts a second at least",
                        problems: [Problem(path: "lease", message: "this is no time", found: "\(lease)")])
                }
                return try accepted(try await instances.start(context.identifier(), lease: body.lease), context)
            },
            Route(
                .post, "/api/v1/instances/{id}/stop", access: .right(.run),
                RouteDocumentation(
                    "Asks an instance to end, by the power button of a machine, and ends it when it does not go. The answer comes before the end.",
                    query: ["now": "End it at once, as a loss of power would."], response: "InstanceDocument",
                    status: 202)
            ) { request, context in
                let record = try await instances.stop(context.identifier(), now: request.flag("now"))
                return try accepted(record, context)
            },
        ]
    }

    private var snapshots: [Route] {
        let actions: [(String, String, @Sendable (Identifier, String) async throws -> InstanceRecord)] = [
            ("snapshot", "Keeps an instance's disk as it is now.", { try await instances.snapshot($0, as: $1) }),
            (
                "restore", "Gives an instance the disk of a snapshot; one that runs is ended for it.",
                { try await instances.restore($0, to: $1) }
            ),
        ]
        return actions.map { name, summary, action in
            Route(
                .post, "/api/v1/instances/{id}/\(name)", access: .right(.run),
                RouteDocumentation(summary, request: "InstanceSnapshotRequest", response: "InstanceDocument")
            ) { request, context in
                let body = try await request.decodeJSON(InstanceSnapshotRequest.self, context)
                return try .json(document(try await action(context.identifier(), body.name), context))
            }
        }
    }

    // MARK: Parts

    private func accepted(_ record: InstanceRecord, _ context: AppRequestContext) throws -> Response {
        try .json(
            document(record, context), status: .accepted, headers: [.location: "/api/v1/instances/\(record.id)"])
    }

    private func document(_ record: InstanceRecord, _ context: AppRequestContext) -> InstanceDocument {
        let capabilities = try? instances.capabilities(of: record).names  // the engine may have gone
        var document = InstanceDocument(
            record, hostName: hostName, capabilities: capabilities,
            folder: context.isLocal ? instances.folder(record.id).root.string : nil)
        if context.isLocal {
            document.entrance = instances.entrance(of: record)
            document.console = instances.console(of: record)
        }
        return document
    }

    /// Throws `forbidden` for an owner whose instances the caller may not start, and for ports that are not everybody's;
    /// `not_found` for a release that the caller may not see.
    private func order(_ body: InstanceRequest, _ caller: Caller) async throws -> InstanceOrder {
        let order = InstanceOrder(body, by: caller)
        try caller.require(.run, on: order.owner)
        try await instances.visibility.require(try ReleaseReference(parsing: body.release), for: caller)
        guard caller.mayOnSite(.administer) || order.publish.allSatisfy(\.isHarmless) else {
            throw RucheError(
                .forbidden,
                "only an administrator of the site publishes ports below 1024, or for other machines: use 127.0.0.1",
                details: ["right": Right.administer.rawValue])
        }
        return order
    }

    private static func refusePaths(_ body: InstanceRequest, _ context: AppRequestContext) throws {
        guard !context.isLocal, body.shares?.isEmpty == false else { return }
        throw RucheError(
            .forbidden, "folders of the server's machine are shared on its private socket only: leave \"shares\" out")
    }
}
