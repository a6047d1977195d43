/// A row of the uploads table: bytes that are on their way to become a file.
package struct UploadRow: Hashable, Sendable {
    package enum State: String, Sendable {
        /// Bytes are taken.
        case receiving
        /// Whole: it has become a file, or it is a part that waits to be put together.
        case complete
        /// Ended by who began it.
        case terminated
        /// Nobody went on with it in time.
        case expired
    }

    package var id: String
    package var owner: String
    package var name: String
    package var type: String
    /// What the client said of it, to be told again.
    package var metadata: String
    /// `partial`, or `final;` and the parts; nil for an upload of its own.
    package var concat: String?
    /// Bytes in all; nil while that is not known.
    package var length: Int64?
    package var state = State.receiving
    /// The file that it became, and its digest.
    package var file: String?
    package var digest: String?
    package var createdAt: Int64
    package var expiresAt: Int64

    package init(
        id: String, owner: String, name: String, type: String, metadata: String, createdAt: Int64, expiresAt: Int64
    ) {
        self.id = id
        self.owner = owner
        self.name = name
        self.type = type
        self.metadata = metadata
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}
