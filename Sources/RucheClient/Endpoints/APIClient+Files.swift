import NIOHTTP1
package import RucheCore
package import RucheWire
package import SystemPackage

/// Files of the site.
extension APIClient {
    /// Which files a list shows; nil asks for nothing.
    package struct FileSelection: Sendable {
        package var name: String?
        package var digest: Digest?
        package var owner: String?
        package var job: Identifier?
        package init() {}
    }

    /// Newest first.
    package func files(_ selection: FileSelection = FileSelection(), limit: Int? = nil) async throws -> [FileDocument] {
        try await all(
            "/api/v1/files",
            query: [
                ("name", selection.name), ("digest", selection.digest?.description), ("owner", selection.owner),
                ("job", selection.job?.description),
            ], limit: limit, of: FileDocument.self)
    }

    package func file(_ id: Identifier) async throws -> FileDocument {
        try await document(APIRequest(.GET, "/api/v1/files/\(id)"), as: FileDocument.self)
    }

    package func changeFile(_ id: Identifier, _ change: FileEdit) async throws -> FileDocument {
        try await document(
            APIRequest(.PATCH, "/api/v1/files/\(id)", body: .json(try JSON.encode(change))), as: FileDocument.self)
    }

    package func removeFile(_ id: Identifier) async throws {
        try await discard(APIRequest(.DELETE, "/api/v1/files/\(id)"))
    }

    /// Writes the content to `target`, which must not exist, and checks it.
    package func downloadFile(
        _ file: FileDocument, to target: FilePath, onProgress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) async throws -> Downloaded {
        try await download(
            APIRequest(.GET, "/api/v1/files/\(file.id)/content", accept: "*/*"), to: target, digest: file.digest,
            onProgress: onProgress)
    }

    package func usage(of owner: String) async throws -> UsageDocument {
        try await document(
            APIRequest(.GET, "/api/v1/owners/\(PercentEncoding.encodePath(owner))/usage"), as: UsageDocument.self)
    }

    /// Nil is without limit.
    package func setQuota(_ bytes: Int64?, of owner: OwnerName) async throws -> UsageDocument {
        try await document(
            APIRequest(
                .PUT, "/api/v1/owners/\(owner)/quota", body: .json(try JSON.encode(QuotaRequest(bytes: bytes)))),
            as: UsageDocument.self)
    }
}
