package import RucheCore

/// What an owner keeps here. Bytes of uploads count as if they were whole.
package struct OwnerUsage: Hashable, Sendable {
    package var owner: OwnerName
    package var files: Int64
    package var fileBytes: Int64
    package var uploads: Int64
    package var uploadBytes: Int64
    /// What its environments keep, each blob counted once.
    package var releaseBytes: Int64 = 0
    /// Nil is without limit.
    package var quota: Int64?

    package var bytes: Int64 { fileBytes + uploadBytes + releaseBytes }
}
