import NIOHTTP1
package import RucheCore
package import RucheWire

extension APIClient {
    /// Pipelines of the catalogue, by name then newest first; with a text in name or summary when it is given.
    package func pipelines(matching text: String? = nil) async throws -> [ReleaseSummaryDocument] {
        try await all("/api/v1/pipelines", query: [("q", text)], of: ReleaseSummaryDocument.self)
    }

    package func pipeline(_ reference: ReleaseReference) async throws -> PipelineDocument {
        try await document(APIRequest(.GET, Self.pipelinePath(reference)), as: PipelineDocument.self)
    }

    /// `icon`, `about`, `help`, `license` or `readme`.
    package func pipelineDocument(_ kind: String, of reference: ReleaseReference) async throws -> [UInt8] {
        try await bytes(
            APIRequest(
                .GET, Self.pipelinePath(reference) + "/documents/\(PercentEncoding.encode(kind))", accept: "*/*"))
    }

    /// Installs a package; the operation's result is an `InstalledPipelineDocument`.
    package func installPipeline(_ package: Upload, owner: String?, title: String) async throws -> OperationDocument {
        try await document(
            APIRequest(
                .POST, "/api/v1/pipelines", query: [("owner", owner), ("title", title)],
                body: .stream(package, type: "application/octet-stream")), as: OperationDocument.self)
    }

    /// The same with a release of the catalogue that is a pipeline.
    package func installPipeline(_ release: ReleaseReference) async throws -> OperationDocument {
        try await document(
            APIRequest(.POST, "/api/v1/pipelines", query: [("release", "\(release)")]), as: OperationDocument.self)
    }

    package func removePipeline(_ reference: ReleaseReference) async throws {
        try await discard(APIRequest(.DELETE, Self.pipelinePath(reference)))
    }

    private static func pipelinePath(_ reference: ReleaseReference) -> String {
        path(reference).replacing("/api/v1/releases/", with: "/api/v1/pipelines/", maxReplacements: 1)
    }
}
