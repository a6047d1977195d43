import NIOHTTP1
package import RucheCore
package import RucheWire
package import SystemPackage

extension APIClient {
    /// Releases of the catalogue, by name then newest first; of one environment when `name` is given.
    package func releases(name: String? = nil) async throws -> [ReleaseSummaryDocument] {
        try await all("/api/v1/releases", query: [("name", name)], of: ReleaseSummaryDocument.self)
    }

    package func release(_ reference: ReleaseReference) async throws -> ReleaseDocument {
        try await document(APIRequest(.GET, Self.path(reference)), as: ReleaseDocument.self)
    }

    package func removeRelease(_ reference: ReleaseReference) async throws {
        try await discard(APIRequest(.DELETE, Self.path(reference)))
    }

    package func history(_ reference: ReleaseReference) async throws -> [HistoryDocument] {
        try await document(APIRequest(.GET, Self.path(reference) + "/history"), as: [HistoryDocument].self)
    }

    /// A document kept with a release: `recipe`, `lock`, `sbom`, `log`, `provenance`.
    package func artifact(_ kind: String, of reference: ReleaseReference) async throws -> [UInt8] {
        try await bytes(
            APIRequest(.GET, Self.path(reference) + "/artifacts/\(PercentEncoding.encode(kind))", accept: "*/*"))
    }

    package func setTag(_ tag: String, of name: EnvironmentName, to version: String) async throws {
        let body = try JSON.encode(["version": version])
        try await discard(APIRequest(.PUT, Self.path(name) + "/tags/\(tag)", body: .json(body)))
    }

    package func removeTag(_ tag: String, of name: EnvironmentName) async throws {
        try await discard(APIRequest(.DELETE, Self.path(name) + "/tags/\(tag)"))
    }

    /// Writes a release as `format` to `target`, which must not exist.
    package func export(
        _ reference: ReleaseReference, format: String, to target: FilePath,
        onProgress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) async throws -> Downloaded {
        try await download(
            APIRequest(.GET, Self.path(reference) + "/export", query: [("format", format)], accept: "*/*"),
            to: target, onProgress: onProgress)
    }

    /// Puts an archive into the catalogue; the operation's result names the release.
    package func importRelease(
        _ archive: Upload, name: EnvironmentName, version: String, format: String?
    ) async throws -> OperationDocument {
        try await document(
            APIRequest(
                .POST, "/api/v1/releases/import",
                query: [("name", name.description), ("version", version), ("format", format)],
                body: .stream(archive, type: "application/octet-stream")),
            as: OperationDocument.self)
    }

    /// Looks into the machine of a release; the operation's result has the problems.
    package func checkRelease(
        _ reference: ReleaseReference, target: MachineTarget, flavour: String?
    ) async throws -> OperationDocument {
        try await document(
            APIRequest(
                .POST, Self.path(reference) + "/check", query: [("target", target.rawValue), ("flavour_disk", flavour)]),
            as: OperationDocument.self)
    }

    package func diff(from: ReleaseReference, to: ReleaseReference) async throws -> DiffDocument {
        try await document(
            APIRequest(.GET, "/api/v1/diff", query: [("from", from.description), ("to", to.description)]),
            as: DiffDocument.self)
    }

    static func path(_ name: EnvironmentName) -> String { "/api/v1/releases/\(name.owner)/\(name.name)" }

    /// A reference without a version means the newest release that is no pre-release: `latest` to the server.
    static func path(_ reference: ReleaseReference) -> String {
        let selector = reference.digest?.description ?? reference.selector ?? "latest"
        return path(reference.name) + "/" + PercentEncoding.encode(selector)
    }
}
