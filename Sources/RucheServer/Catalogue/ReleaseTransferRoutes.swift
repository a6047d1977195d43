import HTTPTypes
import Hummingbird
import RucheCore
import RucheHost
import RucheImages
package import RucheService
import SystemPackage

/// Bytes of releases: artifacts, exports, imports.
package struct ReleaseTransferRoutes: Sendable {
    private let catalogue: CatalogueService
    private let importLimit: Int64

    package init(_ catalogue: CatalogueService, importLimit: Int64 = 256 << 30) {
        self.catalogue = catalogue
        self.importLimit = importLimit
    }

    package var routes: [Route] {
        [
            Route(
                .get, "/api/v1/releases/{owner}/{name}/{version}/artifacts/{kind}", access: .environment,
                RouteDocumentation("Sends a document of a release: recipe, lock, sbom, log or provenance."),
                handler: artifact),
            Route(
                .get, "/api/v1/releases/{owner}/{name}/{version}/export", access: .environment,
                RouteDocumentation(
                    "Sends a release in a form that other programs read. Folders come as a tar.",
                    query: [
                        "format": "One of \(ExportFormat.names); required.",
                        "architecture": "Such as `amd64`; the first one by default.",
                    ]), handler: export),
            Route(
                .post, "/api/v1/releases/import", access: .right(.publish),
                RouteDocumentation(
                    "Publishes the archive or the disk in the body as a release.",
                    query: [
                        "name": "`owner/name`, required.", "version": "Required.",
                        "format": "One of \(ImportFormat.names); found out by default.",
                    ], request: "bytes", response: "OperationDocument", status: 202), handler: load),
        ]
    }

    private func artifact(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let reference = try context.releaseReference()
        let kind = try context.parameter("kind")
        let blob = try await catalogue.artifact(kind, of: reference)
        let served = ServedBytes(
            blob.digest, size: blob.size, of: catalogue.content, mediaType: Self.contentType(blob.mediaType))
        var response = try await Response.bytes(served, for: request, over: context.channel)
        response.headers[.link] = Signposting.collection(
            reference.name, reference.selector.flatMap { ReleaseVersion($0) })
        return response
    }

    private func export(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let text = try request.requiredQuery("format")
        guard let format = ExportFormat(rawValue: text) else {
            throw Request.invalidQuery("format", text, allowed: "one of \(ExportFormat.names)")
        }
        let file = try await catalogue.export(
            try context.releaseReference(), format: format, architecture: request.query("architecture"))
        let size = try FileChunks.size(of: file.path)
        let served = ServedBytes(size: size, mediaType: format.mediaType, fileName: file.name) { offset, length in
            try FileChunks.stream(file.path, offset: offset, length: length, keeping: file)
        }
        return try await .bytes(served, for: request, over: context.channel)
    }

    private func load(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let nameText = try request.requiredQuery("name")
        guard let name = EnvironmentName(nameText) else {
            throw Request.invalidQuery("name", nameText, allowed: "owner/name in lower case")
        }
        try context.caller.require(.publish, on: name.ownerName)
        let versionText = try request.requiredQuery("version")
        guard let version = ReleaseVersion(versionText) else {
            throw Request.invalidQuery("version", versionText, allowed: "a version such as 1.0.0")
        }
        let format = try request.query("format").map { text in
            guard let format = ImportFormat(rawValue: text) else {
                throw Request.invalidQuery("format", text, allowed: "one of \(ImportFormat.names)")
            }
            return format
        }
        let length = request.headers[.contentLength].flatMap { Int64($0) } ?? 1
        try await catalogue.requireRoom(length, for: name.ownerName)
        let folder = try catalogue.makeTemporaryFolder()
        do {
            try await request.save(to: folder.appending("archive"), limit: importLimit)
            return try .accepted(
                try await catalogue.startImport(
                    folder.appending("archive"), format: format, name: name, version: version))
        } catch {
            try? FileTree.remove(folder)  // what is left goes at the next start
            throw error
        }
    }

    /// What a client is told of a blob: JSON is JSON, whatever its kind.
    private static func contentType(_ mediaType: String) -> String {
        if mediaType.hasSuffix("+json") || mediaType.hasSuffix("/json") { return "application/json" }
        if mediaType.hasSuffix("+text") { return "text/plain; charset=utf-8" }
        return mediaType.hasSuffix(".tar") ? "application/x-tar" : mediaType
    }
}
