/// A row of the files table. The content of an uploaded file is a blob; the output of a job stays in its folder.
package struct FileRow: Hashable, Sendable {
    package static let upload = "upload"
    package static let output = "job"

    package var id: String
    package var owner: String
    package var name: String
    package var size: Int64
    package var digest: String
    /// A media type.
    package var type: String
    /// `upload` or `job`.
    package var origin = FileRow.upload
    /// The job that wrote it and the path below its outputs.
    package var job: String?
    package var path: String?
    package var createdAt: Int64

    package init(
        id: String, owner: String, name: String, size: Int64, digest: String, type: String, createdAt: Int64
    ) {
        self.id = id
        self.owner = owner
        self.name = name
        self.size = size
        self.digest = digest
        self.type = type
        self.createdAt = createdAt
    }
}
