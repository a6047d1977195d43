import RucheCore
package import RucheImages
package import SystemPackage

extension FileService {
    /// Where the output of a job is; nil for an uploaded file, whose content is a blob.
    package func place(of file: SiteFile) throws -> FilePath? {
        guard let job = file.job, let path = file.path else { return nil }
        guard let data else { throw RucheError(.notFound, "there are no outputs of jobs here") }
        return JobFolder(data: data, id: job).outputs.pushing(FilePath(path))
    }

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
