package import RucheCore

/// What somebody wants to upload.
package struct UploadRequest: Sendable {
    package var owner: OwnerName
    /// Bytes in all; nil when the client will say later.
    package var length: Int64?
    package var metadata: UploadMetadata
    /// One of several parts that are put together later.
    package var isPartial = false

    package init(owner: OwnerName, length: Int64?, metadata: UploadMetadata) {
        self.owner = owner
        self.length = length
        self.metadata = metadata
    }
}
