package import RucheCore
import RucheStore

/// A reference database: a folder that jobs read and nobody changes.
package struct ReferenceDatabase: Hashable, Sendable, Codable {
    package var name: String
    package var version: String
    /// Of the list of its files and their digests.
    package var digest: Digest
    package var size: Int64
    package var files: Int64
    package var createdAt: Int64

    package var reference: String { "\(name):\(version)" }

    init?(_ row: ReferenceDatabaseRow) {
        guard let digest = Digest(row.digest) else { return nil }
        name = row.name
        version = row.version
        self.digest = digest
        size = row.size
        files = row.files
        createdAt = row.createdAt
    }
}
