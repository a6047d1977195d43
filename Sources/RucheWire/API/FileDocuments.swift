package import RucheCore

/// A file of the site: an uploaded one, or the output of a job.
package struct FileDocument: Codable, Hashable, Sendable {
    package var id: Identifier
    package var owner: OwnerName
    package var name: String
    package var size: Int64
    package var digest: Digest
    /// A media type.
    package var type: String
    /// `upload` or `job`.
    package var origin: String
    /// The job that wrote it and the path below its outputs.
    package var job: Identifier?
    package var path: String?
    package var createdAt: Int64
    /// Ids of the files that come with it into a job; only where one file is shown.
    package var companions: [Identifier]?

    package init(
        id: Identifier, owner: OwnerName, name: String, size: Int64, digest: Digest, type: String, createdAt: Int64
    ) {
        self.id = id
        self.owner = owner
        self.name = name
        self.size = size
        self.digest = digest
        self.type = type
        origin = "upload"
        self.createdAt = createdAt
    }
}

/// `PATCH /api/v1/files/{id}`: what changes.
package struct FileEdit: Codable, Hashable, Sendable {
    package var name: String?
    /// Ids of the files that come with it into a job, all of them.
    package var companions: [Identifier]?

    package init(name: String? = nil, companions: [Identifier]? = nil) {
        self.name = name
        self.companions = companions
    }
}

/// An upload as it is now.
package struct UploadDocument: Codable, Hashable, Sendable {
    package var id: Identifier
    package var owner: OwnerName
    package var name: String
    package var type: String
    /// Nil while it is not known.
    package var length: Int64?
    package var offset: Int64
    /// `receiving`, `complete`, `terminated` or `expired`.
    package var state: String
    package var concat: String?
    /// The file that it became, and its digest.
    package var file: Identifier?
    package var digest: Digest?
    package var createdAt: Int64
    package var expiresAt: Int64

    package init(
        id: Identifier, owner: OwnerName, name: String, type: String, offset: Int64, state: String, createdAt: Int64,
        expiresAt: Int64
    ) {
        self.id = id
        self.owner = owner
        self.name = name
        self.type = type
        self.offset = offset
        self.state = state
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// `GET /api/v1/owners/{owner}/usage`. Bytes of uploads count as if they were whole.
package struct UsageDocument: Codable, Hashable, Sendable {
    package var owner: OwnerName
    package var files: Int64
    package var fileBytes: Int64
    package var uploads: Int64
    package var uploadBytes: Int64
    /// What its environments keep, each blob counted once.
    package var releaseBytes: Int64 = 0
    /// Nil is without limit.
    package var quota: Int64?

    package init(
        owner: OwnerName, files: Int64, fileBytes: Int64, uploads: Int64, uploadBytes: Int64, quota: Int64?
    ) {
        self.owner = owner
        self.files = files
        self.fileBytes = fileBytes
        self.uploads = uploads
        self.uploadBytes = uploadBytes
        self.quota = quota
    }
}

/// `PUT /api/v1/owners/{owner}/quota`.
package struct QuotaRequest: Codable, Hashable, Sendable {
    /// Nil is without limit.
    package var bytes: Int64?
    package init(bytes: Int64?) { self.bytes = bytes }
}
