package import RucheCore
package import RucheStore

/// A file of the site: an uploaded one, or the output of a job.
package struct SiteFile: Hashable, Sendable {
    package var id: Identifier
    package var owner: OwnerName
    package var name: String
    package var size: Int64
    package var digest: Digest
    /// A media type.
    package var type: String
    /// The job that wrote it and the path below its outputs; nil for an uploaded file.
    package var job: Identifier?
    package var path: String?
    package var createdAt: Int64

    package init?(_ row: FileRow) {
        guard let id = Identifier(row.id), let owner = OwnerName(row.owner), let digest = Digest(row.digest) else {
            return nil
        }
        self.id = id
        self.owner = owner
        name = row.name
        size = row.size
        self.digest = digest
        type = row.type
        job = row.job.flatMap { Identifier($0) }
        path = row.path
        createdAt = row.createdAt
    }

    /// What events are about.
    package var subject: String { "file:\(id)" }

    /// The event of something that happened to it.
    func event(_ kind: String) -> EventDraft {
        EventDraft(
            subject: subject, kind: kind,
            data: ["name": .string(name), "size": .integer(size), "digest": .string(digest.description)], owner: owner)
    }
}
