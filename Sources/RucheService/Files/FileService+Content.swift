import RucheCore
package import RucheImages

extension FileService {
    /// Opens the content of a file from an offset, so many bytes. Throws `not_found` when it is not here any more.
    package func reader(
        _ file: SiteFile
    ) async throws -> @Sendable (_ offset: Int64, _ length: Int64) async throws -> BlobStream {
        let content = content
        let digest = file.digest
        guard try await content.size(of: digest) != nil else {
            throw RucheError(
                .notFound, "the content of the file \(file.name) is not here any more", details: ["digest": "\(digest)"]
            )
        }
        return { try await content.stream(digest, offset: $0, length: $1) }
    }
}
