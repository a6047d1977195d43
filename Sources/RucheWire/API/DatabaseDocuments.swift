package import RucheCore

/// A reference database; the member names are those of `ReferenceDatabase` in RucheService.
package struct DatabaseDocument: Codable, Hashable, Sendable {
    package var name: String
    package var version: String
    /// Of the lines `DIGEST  PATH` of its files, sorted by path.
    package var digest: Digest
    package var size: Int64
    package var files: Int64
    package var createdAt: Int64

    package init(name: String, version: String, digest: Digest, size: Int64, files: Int64, createdAt: Int64) {
        self.name = name
        self.version = version
        self.digest = digest
        self.size = size
        self.files = files
        self.createdAt = createdAt
    }
}

/// `POST /api/v1/databases`, over the private socket only.
package struct DatabaseRequest: Codable, Hashable, Sendable {
    package var name: String
    package var version: String
    /// A folder of the server's machine.
    package var folder: String

    package init(name: String, version: String, folder: String) {
        self.name = name
        self.version = version
        self.folder = folder
    }
}
