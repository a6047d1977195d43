import HTTPTypes
import Hummingbird
import RucheCore
import RucheHost
import RucheImages
package import RucheService
import RucheWire
import SystemPackage

/// Pipelines: their packages come in, and people ask what they are.
package struct PipelineRoutes: Sendable {
    private let pipelines: PipelineService
    private let files: FileService
    private let packageLimit: Int64

    package init(_ pipelines: PipelineService, _ files: FileService, packageLimit: Int64 = 128 << 30) {
        self.pipelines = pipelines
        self.files = files
        self.packageLimit = packageLimit
    }

    package var routes: [Route] { reading + changing }

    private var reading: [Route] {
        let pipeline = "/api/v1/pipelines/{owner}/{name}/{version}"
        return [
            Route(
                .get, "/api/v1/pipelines", access: .right(.read),
                RouteDocumentation(
                    "Lists the pipelines of the catalogue by name, newest first. A page may be short and more follow.",
                    query: [
                        "cursor": "`next` of the page before.", "limit": "Entries of a page at most, 1 to 1000.",
                        "q": "Text in names and summaries.",
                    ], response: "Page<ReleaseSummaryDocument>"), handler: list),
            Route(
                .get, pipeline, access: .right(.read),
                RouteDocumentation(
                    "Shows a pipeline: its command, folders, form and documents.", response: "PipelineDocument")
            ) { _, context in
                try .json(PipelineDocument(try await pipelines.show(try context.releaseReference())))
            },
            Route(
                .get, pipeline + "/form", access: .right(.read),
                RouteDocumentation("Sends the form of a pipeline.", response: "Any")
            ) { _, context in try .json(try await pipelines.show(try context.releaseReference()).form) },
            Route(
                .get, pipeline + "/documents/{kind}", access: .right(.read),
                RouteDocumentation("Sends a document of a pipeline: icon, about, help, license or readme."),
                handler: document),
        ]
    }

    private var changing: [Route] {
        [
            Route(
                .post, "/api/v1/pipelines", access: .right(.publish),
                RouteDocumentation(
                    "Installs the package in the body, or with `file` an uploaded one, as a release of the catalogue; with `release`, one of its releases that is a pipeline.",
                    query: [
                        "file": "The digest of an uploaded file; then there is no body.",
                        "owner": "The owner of a pipeline whose name has none; by default the caller's own.",
                        "release": "`owner/name[:version]` of the catalogue; then there is no body.",
                        "title": "The name of the package, for messages.",
                    ], request: "bytes", response: "OperationDocument", status: 202), handler: install),
            Route(
                .delete, "/api/v1/pipelines/{owner}/{name}/{version}", access: .right(.publish),
                RouteDocumentation("Removes a pipeline that no job needs which is not over.", status: 204)
            ) { _, context in
                try await pipelines.remove(try context.releaseReference())
                return .noContent
            },
        ]
    }

    private func list(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let owners = context.caller.releaseOwners
        let page = try await pipelines.list(
            cursor: request.query("cursor"), text: request.query("q"), limit: try request.pageLimit()
        ) { name in OwnerName(name.owner).map { owners.contains($0) } ?? false }
        return try .json(Page(items: page.entries.map { ReleaseSummaryDocument($0) }, next: page.next))
    }

    /// Whatever a package says, its documents are looked at and never run: no scripts, no other origins, no frames.
    private func document(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let blob = try await pipelines.document(
            try context.parameter("kind"), of: try context.releaseReference())
        let content = pipelines.catalogue.content
        let served = ServedBytes(
            size: blob.size, mediaType: blob.mediaType, entityTag: blob.digest.description
        ) { offset, length in try await content.stream(blob.digest, offset: offset, length: length) }
        var response = try await Response.bytes(served, for: request)
        response.headers[.contentTypeOptions] = "nosniff"
        response.headers[.contentSecurityPolicy] =
            "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'"
        return response
    }

    private func install(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let caller = context.caller
        var owner = caller.owner
        if let text = request.query("owner") {
            guard let named = OwnerName(text) else {
                throw Request.invalidQuery("owner", text, allowed: "a name in lower case")
            }
            owner = named
        }
        try caller.require(
            .publish, on: owner, else: RucheError(.forbidden, "you may not publish for \(owner)"))
        let folder = try pipelines.makeUploadFolder()
        do {
            let package = PipelineService.package(in: folder)
            var title = request.query("title") ?? "package"
            let release = request.query("release")
            if let release {
                title = try await named(release, request, caller)
            } else if let text = request.query("file") {
                title = try await place(text, at: package)
            } else {
                try await request.save(to: package, limit: packageLimit)
            }
            var order = InstallOrder(
                title: String(title.prefix(200)), owner: owner, mayNameOwners: caller.mayOnSite(.publish))
            order.release = release
            return try .accepted(try await pipelines.start(order, in: folder))
        } catch {
            try? FileTree.remove(folder)  // what is left goes at the next start
            throw error
        }
    }

    /// A release that the caller may see, as it is told in messages.
    private func named(_ release: String, _ request: Request, _ caller: Caller) async throws -> String {
        guard request.query("file") == nil else {
            throw RucheError(.invalidInput, "\"file\" and \"release\" exclude each other")
        }
        let reference = try ReleaseReference(parsing: release)
        try await pipelines.catalogue.visibility.require(reference, for: caller)
        return "\(reference)"
    }

    /// Puts a copy of an uploaded file where the installation reads it; returns the file's name.
    private func place(_ text: String, at path: FilePath) async throws -> String {
        guard let digest = Digest(text) else {
            throw Request.invalidQuery("file", text, allowed: "sha256: and 64 hexadecimal digits")
        }
        guard let file = try await files.file(digest) else {
            throw RucheError(.notFound, "no uploaded file has the digest \(digest)")
        }
        let content = pipelines.catalogue.content
        let target = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite])
        do {
            for try await chunk in try await content.stream(digest, offset: 0, length: nil) {
                _ = try target.writeAll(chunk)
            }
            try target.close()
        } catch {
            try? target.close()  // the first error is the one to report
            throw error
        }
        return file.name
    }
}
