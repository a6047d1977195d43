/// A row of the table of reference databases.
package struct ReferenceDatabaseRow: Hashable, Sendable {
    package var name: String
    package var version: String
    package var digest: String
    package var size: Int64
    package var files: Int64
    package var createdAt: Int64

    package init(name: String, version: String, digest: String, size: Int64, files: Int64, createdAt: Int64) {
        self.name = name
        self.version = version
        self.digest = digest
        self.size = size
        self.files = files
        self.createdAt = createdAt
    }
}
