import Hummingbird
import RucheCore
package import RucheService
import RucheWire

/// Reference databases.
package struct DatabaseRoutes: Sendable {
    private static let path = "/api/v1/databases"
    private let databases: ReferenceDatabaseService

    package init(_ databases: ReferenceDatabaseService) { self.databases = databases }

    package var routes: [Route] { reading + changing }

    private var reading: [Route] {
        [
            Route(
                .get, Self.path, access: .right(.read),
                RouteDocumentation("Lists the reference databases.", response: "Page<DatabaseDocument>")
            ) { _, _ in
                try .json(Page(items: try await databases.databases().map { DatabaseDocument($0) }))
            },
            Route(
                .get, Self.path + "/{name}/{version}", access: .right(.read),
                RouteDocumentation("Shows a reference database.", response: "DatabaseDocument")
            ) { _, context in try .json(DatabaseDocument(try await databases.database(try reference(context)))) },
        ]
    }

    private var changing: [Route] {
        [
            Route(
                .post, Self.path, access: .site(.administer),
                RouteDocumentation(
                    "Copies a folder of the server's machine as a reference database; over the private socket only.",
                    request: "DatabaseRequest", response: "OperationDocument", status: 202)
            ) { request, context in
                guard context.isLocal else {
                    throw RucheError(.forbidden, "folders of the server's machine are named on the private socket only")
                }
                let body = try await request.decodeJSON(DatabaseRequest.self, context)
                guard let reference = DatabaseReference(name: body.name, version: body.version) else {
                    throw RucheError(
                        .invalidInput, "the name or version of the database is not valid: letters, digits, . _ - only")
                }
                return try .accepted(try await databases.add(reference, folder: body.folder))
            },
            Route(
                .post, Self.path + "/{name}/{version}/verify", access: .site(.administer),
                RouteDocumentation(
                    "Reads a reference database again and compares its digest.", response: "OperationDocument",
                    status: 202)
            ) { _, context in try .accepted(try await databases.verify(try reference(context))) },
            Route(
                .delete, Self.path + "/{name}/{version}", access: .site(.administer),
                RouteDocumentation("Removes a reference database that no job uses.", status: 204)
            ) { _, context in
                try await databases.remove(try reference(context))
                return .noContent
            },
        ]
    }

    private func reference(_ context: AppRequestContext) throws -> DatabaseReference {
        let (name, version) = (try context.parameter("name"), try context.parameter("version"))
        guard let reference = DatabaseReference(name: name, version: version) else {
            throw RucheError(.notFound, "there is no reference database of that name")
        }
        return reference
    }
}

extension DatabaseDocument {
    init(_ database: ReferenceDatabase) {
        self.init(
            name: database.name, version: database.version, digest: database.digest, size: database.size,
            files: database.files, createdAt: database.createdAt)
    }
}
