package import RucheCore
import RucheStore

/// An upload as it is now.
package struct Upload: Hashable, Sendable {
    package var id: Identifier
    package var owner: OwnerName
    package var name: String
    package var type: String
    package var metadata: String
    package var concat: String?
    package var length: Int64?
    /// Bytes that are here, durably.
    package var offset: Int64
    /// `receiving`, `complete`, `terminated`, `expired`.
    package var state: String
    package var file: Identifier?
    package var digest: Digest?
    package var createdAt: Int64
    package var expiresAt: Int64

    package var isPartial: Bool { concat == "partial" }
    package var isFinal: Bool { concat?.hasPrefix("final") == true }

    init?(_ row: UploadRow, offset: Int64) {
        guard let id = Identifier(row.id), let owner = OwnerName(row.owner) else { return nil }
        self.id = id
        self.owner = owner
        name = row.name
        type = row.type
        metadata = row.metadata
        concat = row.concat
        length = row.length
        self.offset = offset
        state = row.state.rawValue
        file = row.file.flatMap { Identifier($0) }
        digest = row.digest.flatMap { Digest($0) }
        createdAt = row.createdAt
        expiresAt = row.expiresAt
    }
}
