import HTTPTypes
import Hummingbird
import NIOCore
import RucheCore
package import RucheService
import RucheWire

/// Files: what people upload for jobs and what jobs wrote, and what owners keep.
package struct FileRoutes: Sendable {
    let files: FileService

    package init(_ files: FileService) { self.files = files }

    package var routes: [Route] { collection + single + owners }

    private var collection: [Route] {
        [
            Route(
                .post, "/api/v1/files", access: .right(.run),
                RouteDocumentation(
                    "Stores the body as a file for jobs. Large files go through `/api/v1/uploads`, which can go on after a break.",
                    query: [
                        "name": "The file's name, without folders.", "digest": "The digest the content must have.",
                        "owner": "Whose file it becomes; your own by default.",
                    ], request: "bytes", response: "FileDocument", status: 201)
            ) { request, context in try await store(request, context) },
            Route(
                .get, "/api/v1/files", access: .right(.read),
                RouteDocumentation(
                    "Lists files, newest first.",
                    query: [
                        "limit": "At most so many, 1 to 1000.", "cursor": "The `next` of the page before.",
                        "name": "Only files of this name.", "digest": "Only files with this content.",
                        "owner": "Only files of this owner.", "job": "Only outputs of this job.",
                    ], response: "Page<FileDocument>")
            ) { request, context in try await list(request, context) },
        ]
    }

    private var single: [Route] {
        [
            Route(
                .get, "/api/v1/files/{id}", access: .right(.read),
                RouteDocumentation("Shows a file.", response: "FileDocument")
            ) { _, context in
                let file = try await file(context, .read)
                return try .json(FileDocument(file, companions: try await files.companions(of: file.id)))
            },
            Route(
                .get, "/api/v1/files/{id}/content", access: .right(.read),
                RouteDocumentation("The content of a file; answers ranges.", response: "bytes")
            ) { request, context in
                try await .bytes(try await files.served(try await file(context, .read)), for: request)
            },
            Route(
                .patch, "/api/v1/files/{id}", access: .right(.run),
                RouteDocumentation(
                    "Gives a file another name, or says which files come with it into a job.", request: "FileEdit",
                    response: "FileDocument")
            ) { request, context in
                var file = try await file(context, .run)
                let change = try await request.decodeJSON(FileEdit.self, context)
                if let name = change.name { file = try await files.rename(file.id, to: name) }
                if let companions = change.companions {
                    _ = try await files.setCompanions(companions, of: file.id)
                }
                return try .json(FileDocument(file, companions: try await files.companions(of: file.id)))
            },
            Route(
                .delete, "/api/v1/files/{id}", access: .right(.run),
                RouteDocumentation(
                    "Removes a file. Its content goes with the next collection when nothing else refers to it.",
                    status: 204)
            ) { _, context in
                try await files.remove(try await file(context, .run).id)
                return .noContent
            },
        ]
    }

    private var owners: [Route] {
        [
            Route(
                .get, "/api/v1/owners/{owner}/usage", access: .right(.read),
                RouteDocumentation("Tells what an owner keeps here, and how much it may.", response: "UsageDocument")
            ) { _, context in
                let owner = try owner(try context.parameter("owner"))
                try context.caller.require(
                    .read, on: owner, else: RucheError(.notFound, "there is no owner \"\(owner)\""))
                return try .json(UsageDocument(try await files.usage(of: owner)))
            },
            Route(
                .put, "/api/v1/owners/{owner}/quota", access: .site(.administer),
                RouteDocumentation(
                    "Sets how many bytes an owner may keep.", request: "QuotaRequest", response: "UsageDocument")
            ) { request, context in
                let owner = try owner(try context.parameter("owner"))
                let quota = try await request.decodeJSON(QuotaRequest.self, context)
                return try .json(UsageDocument(try await files.setQuota(quota.bytes, of: owner)))
            },
        ]
    }

    // MARK: Handlers

    private func owner(_ text: String) throws -> OwnerName {
        if text == OwnerName.local.description { return .local }
        guard let owner = OwnerName(text) else {
            throw RucheError(.notFound, "\"\(text.prefix(80))\" is no owner")
        }
        return owner
    }

    /// The file of the path, when the caller has the right to it.
    private func file(_ context: AppRequestContext, _ right: Right) async throws -> SiteFile {
        let id = try context.identifier()
        let file = try await files.file(id)
        try context.caller.require(right, on: file.owner, else: FileService.missing(id))
        return file
    }

    private func store(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let name = try request.requiredQuery("name")
        let owner = try request.query("owner").map(owner) ?? context.caller.owner
        try context.caller.require(.run, on: owner)
        let expected = try digest(request)
        if let length = request.headers[.contentLength].flatMap({ Int64($0) }) {
            guard length <= files.limit else { throw Request.tooLarge(Int(files.limit)) }
            try await files.requireRoom(length, for: owner)
        }
        let chunks = request.body.map { Array($0.readableBytesView) }
        guard let file = try await files.upload(name: name, owner: owner, expected: expected, chunks) else {
            throw Request.tooLarge(Int(files.limit))
        }
        return try .json(
            FileDocument(file), status: .created, headers: [.location: "/api/v1/files/\(file.id)"])
    }

    private func digest(_ request: Request) throws -> Digest? {
        guard let text = request.query("digest") else { return nil }
        guard let digest = Digest(text) else {
            throw Request.invalidQuery("digest", text, allowed: "sha256: and 64 hexadecimal digits")
        }
        return digest
    }

    private func list(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let limit = try request.pageLimit()
        var filter = FileFilter(before: request.query("cursor"))
        filter.name = request.query("name")
        filter.digest = try digest(request)?.description
        filter.job = request.query("job")
        let visible = context.caller.owners(with: .read)
        filter.owners = visible.names
        if let text = request.query("owner") {
            let owner = try owner(text)
            filter.owners = visible.contains(owner) ? [owner.description] : []
        }
        let page = try await files.files(filter, limit: limit)
        return try .json(
            Page(
                items: page.map { FileDocument($0) },
                next: page.count == limit ? page.last.map(\.id.description) : nil))
    }
}

extension FileService {
    /// The content of a file, to be served. Throws `not_found`.
    func served(_ file: SiteFile) async throws -> ServedBytes {
        if let place = try place(of: file) {
            guard try FileChunks.size(of: place) == file.size else {
                throw RucheError(.corruptContent, "the file \(file.name) is not as it was recorded")
            }
            return ServedBytes(
                size: file.size, mediaType: file.type, entityTag: file.digest.description, fileName: file.name
            ) { offset, length in try FileChunks.stream(place, offset: offset, length: length) }
        }
        let open = try await reader(file)
        return ServedBytes(
            size: file.size, mediaType: file.type, entityTag: file.digest.description, fileName: file.name, open: open)
    }
}
